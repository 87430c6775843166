import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseJson, readJson, readJsonLines } from "../../src/input/read-json.ts";
import { issuesOf } from "./fixtures.ts";

const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text);
const first = (bytes: Uint8Array | string) =>
  issuesOf(() => readJson(typeof bytes === "string" ? utf8(bytes) : bytes, "a.json"))[0];

describe("what is JSON", () => {
  test("reads what JSON.stringify writes, as JSON.parse does", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), fc.constantFrom(0, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(parseJson(text, "a.json")).toEqual(JSON.parse(text));
      }),
      { numRuns: 500, seed: 1 },
    );
  });

  test("agrees with JSON.parse on what is no JSON, for texts one edit away from JSON", () => {
    fc.assert(
      fc.property(
        fc.jsonValue({ maxDepth: 3 }),
        fc.nat(),
        fc.constantFrom("", ",", "]", "}", "{", '"', "\\", "0", "-", ".", "e", "u", "\n", ":", " "),
        (value, place, insert) => {
          const text = JSON.stringify(value);
          const at = place % (text.length + 1);
          const edited = text.slice(0, at) + insert + text.slice(at + 1);
          let isJson = true;
          try {
            JSON.parse(edited);
          } catch {
            isJson = false;
          }
          const issues = issuesOf(() => parseJson(edited, "a.json"));
          // Ours also refuses what JSON.parse lets pass: equal keys, and numbers out of range.
          const isOurs = issues.some((i) => /second field|number below/.test(i.found + i.allowed));
          if (!isOurs) expect(issues.length === 0).toBe(isJson);
        },
      ),
      { numRuns: 2000, seed: 2 },
    );
  });

  test("a byte order mark, CRLF and surrogate pairs are fine", () => {
    const bytes = Uint8Array.of(0xef, 0xbb, 0xbf, ...utf8('{\r\n"a": "\\ud83d\\ude00😀"\r\n}\r\n'));
    expect(readJson(bytes, "a.json")).toEqual({ a: "😀😀" });
  });

  test("__proto__ is a field like any other", () => {
    const value = parseJson('{"__proto__": {"polluted": 1}}', "a.json") as object;
    expect(Object.keys(value)).toEqual(["__proto__"]);
    expect("polluted" in value).toBe(false);
  });
});

describe("what is not", () => {
  test.each([
    ["an empty file", "", "an empty file (0 bytes)"],
    ["only white space", " \n\n", "the end of the file at line 3, column 1"],
    ["a cut-off object", '{\n  "a": 1', "the end of the file at line 2, column 9"],
    ["a cut-off string", '{\n  "a', '"\\"" at line 2, column 3'],
    ["a cut-off word", "[tru", '"tru" at line 1, column 2'],
    ["NaN", '{"a": NaN}', '"NaN" at line 1, column 7'],
    ["a comma too many", "[1,]", '"]" at line 1, column 4'],
    ["a comment", "// x\n{}", '"/" at line 1, column 1'],
    ["something after the value", "{} x", '"x" at line 1, column 4'],
    ["a number with a leading zero", "[01]", '"01" at line 1, column 2'],
  ])("%s", (_what, text, found) => {
    expect(first(text)?.found).toBe(found);
  });

  test("hints at the usual mistakes", () => {
    expect(first('{"a": -Infinity}')?.hint).toMatch(/no infinity/);
    expect(first("{'a': 1}")?.hint).toMatch(/double quotes/);
    expect(first('{"a": 1,}')?.hint).toMatch(/remove the comma/);
    expect(first("[1, 2")?.hint).toMatch(/cut off/);
    expect(first("# x")?.hint).toMatch(/no comments/);
  });

  test("every duplicate key and every number out of range, with pointers", () => {
    const text = '{"a": {"x": 1, "x": 2}, "b/c": [0, 1e999], "b/c": -1e400}';
    const issues = issuesOf(() => parseJson(text, "a.json"));
    expect(issues.map((issue) => issue.pointer)).toEqual(["/a/x", "/b~1c/1", "/b~1c", "/b~1c"]);
  });

  test.each(["[", '{"a":'])("100,000 levels of %s do not overflow the stack", (opening) => {
    const text = opening.repeat(100_000);
    expect(first(text)?.allowed).toBe("at most 256 levels of nesting");
  });

  test("256 levels are read", () => {
    const text = "[".repeat(256) + "]".repeat(256);
    expect(first(text)).toBeUndefined();
    expect(first(`[${text}]`)).toBeDefined();
  });
});

describe("encodings", () => {
  const utf16le = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, "utf16le"));
  test.each([
    ["UTF-16 LE with a mark", Uint8Array.of(0xff, 0xfe, ...utf16le("{}"))],
    ["UTF-16 LE without", utf16le("{}")],
    ["UTF-16 BE with a mark", Uint8Array.of(0xfe, 0xff, 0, 0x7b, 0, 0x7d)],
    ["UTF-16 BE without", Uint8Array.of(0, 0x7b, 0, 0x7d)],
  ])("%s", (_what, bytes) => {
    expect(first(bytes)).toEqual({
      pointer: "",
      found: "text in UTF-16",
      allowed: "text in UTF-8",
      hint: "save the file as UTF-8",
    });
  });

  test("UTF-32", () => {
    expect(first(Uint8Array.of(0xff, 0xfe, 0, 0, 0x7b, 0, 0, 0))?.found).toBe("text in UTF-32");
  });

  test.each([0, 1, 7, 1000])("invalid UTF-8 after %i good bytes", (good) => {
    const bytes = Uint8Array.of(...utf8(" ".repeat(good)), 0xff, ...utf8("[1]"));
    expect(first(bytes)?.found).toContain(`(byte ${good}, counted from 0)`);
  });

  test("a sequence that the end of the file cuts off", () => {
    expect(first(Uint8Array.of(0x22, 0xc3))?.found).toContain("not UTF-8");
  });
});

describe("lines of JSON", () => {
  test("one value per line; empty lines count for line numbers only", () => {
    expect(readJsonLines(utf8('{"a":1}\r\n\r\n[2]\n'), "t.jsonl")).toEqual([{ a: 1 }, [2]]);
    expect(() => readJsonLines(utf8('{"a":1}\n\n{"a":\n'), "t.jsonl")).toThrow(
      /^t\.jsonl:3: found/,
    );
  });
});
