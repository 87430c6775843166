import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { parseArch } from "../../src/input/parse-arch.ts";
import { weightMatrices } from "../../src/model/matrix.ts";
import { archNames, loadArch, readArchFile } from "../cost/load-arch.ts";

/** Fields that only a block with a source may hold. */
const PHYSICAL = /_(pJ|fJ|ns|ps|mW|um2|mm2|uS|GBps|GHz|B)(_per_B)?$|_writes$|^(std|scale)$/;
/** Blocks of a kind of function in a sourced core. */
const COVERED_BY_PARENT = /\/(functions\/\d+|energy)$/;

interface Block {
  readonly path: string;
  readonly value: Record<string, unknown>;
}

function blocks(value: unknown, path = ""): Block[] {
  if (Array.isArray(value)) return value.flatMap((item, i) => blocks(item, `${path}/${i}`));
  if (typeof value !== "object" || value === null) return [];
  const inner = Object.entries(value).flatMap(([key, item]) => blocks(item, `${path}/${key}`));
  return [{ path, value: value as Record<string, unknown> }, ...inner];
}

const assumptions = readFileSync(new URL("../../docs/assumptions.md", import.meta.url), "utf8");

test("the presets that are promised are there", () => {
  expect(archNames).toEqual(
    expect.arrayContaining([
      "gpu-a100-roofline",
      "hermes-64core",
      "hetero-pcm",
      "isaac-ce",
      "pcm-3d",
    ]),
  );
});

describe.each(archNames)("%s", (name) => {
  const arch = loadArch(name);

  test("is valid", () => {
    expect(() => parseArch(arch, name)).not.toThrow();
  });

  test("is called like its file", () => {
    expect(readArchFile(name)["name"]).toBe(name);
  });

  test("every block with a physical constant says where it comes from and how well it is known", () => {
    for (const { path, value } of blocks(arch)) {
      const constants = Object.keys(value).filter(
        (key) => PHYSICAL.test(key) && typeof value[key] === "number",
      );
      if (constants.length === 0 || COVERED_BY_PARENT.test(path)) continue;
      expect(value, `${name}#${path}`).toHaveProperty("source");
      expect(value, `${name}#${path}`).toHaveProperty("evidence");
    }
  });

  test("every assumption that a source names is in docs/assumptions.md, and assumed blocks name one", () => {
    for (const { path, value } of blocks(arch)) {
      if (typeof value["source"] !== "string") continue;
      const cited = value["source"].match(/assumption (A\d+)/gi) ?? [];
      if (value["evidence"] === "assumed")
        expect(cited.length, `${name}#${path}`).toBeGreaterThan(0);
      for (const text of cited) {
        const number = /A\d+/.exec(text)![0];
        expect(assumptions, `${name}#${path}`).toMatch(new RegExp(`^\\| ${number} \\|`, "m"));
      }
    }
  });
});

describe("hetero-pcm holds OLMoE-1B-7B on analog tiles", () => {
  const { crossbar, count } = loadArch("hetero-pcm").tiles[0]!;
  const olmoe = JSON.parse(
    readFileSync(new URL("../../workloads/olmoe-1b-7b.json", import.meta.url), "utf8"),
  );

  test("24,576 expert, 1,024 attention and 396 LM-head crossbars of 512 x 512", () => {
    const crossbars = (module: string) =>
      weightMatrices(olmoe)
        .filter((matrix) => matrix.module === module)
        .reduce(
          (sum, { inputs, outputs }) =>
            sum + Math.ceil(inputs / crossbar.rows) * Math.ceil(outputs / crossbar.cols),
          0,
        );
    expect(crossbars("expert")).toBe(24_576);
    expect(crossbars("attention")).toBe(1_024);
    expect(crossbars("lm-head")).toBe(396);
    expect(count * crossbar.tiers).toBeGreaterThanOrEqual(24_576 + 1_024 + 396);
  });
});
