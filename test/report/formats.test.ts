import { describe, expect, test } from "vitest";
import { parseReport } from "../../src/input/parse-report.ts";
import { renderCsv } from "../../src/report/formats/csv.ts";
import { renderHtml } from "../../src/report/formats/html.ts";
import { renderJson } from "../../src/report/formats/json.ts";
import { renderLatex } from "../../src/report/formats/latex.ts";
import { renderFigures, renderSvg } from "../../src/report/formats/svg.ts";
import { reduceTo, TOPICS } from "../../src/report/only.ts";
import { HOSTILE, sampleReport } from "./sample.ts";

const many = Array.from({ length: 40 }, (_, i) =>
  i === 7 ? "too-large" : `placement-${i}:0.${i}`,
);
const REPORTS = {
  two: sampleReport(["a", "b"]),
  forty: sampleReport(many),
  hostile: sampleReport(HOSTILE, { title: HOSTILE[0] }),
  "without accuracy": sampleReport(undefined, { withAccuracy: false }),
  "nothing fits": sampleReport(["too-large-1", "too-large-2"]),
};

/** Element and attribute names of well-formed markup, or an error: enough of a parser to be strict. */
function tagsOf(svg: string): string[] {
  const open: string[] = [];
  const seen: string[] = [];
  const rest = svg.replaceAll(
    /<(\/?)([\w]+)((?: [\w:-]+="[^"<]*")*)(\/?)>/g,
    (_, end, name, __, self) => {
      if (end === "/") expect(open.pop()).toBe(name);
      else if (self !== "/") open.push(name);
      seen.push(name);
      return "";
    },
  );
  expect(open).toEqual([]);
  expect(rest).not.toMatch(/[<>]/);
  return seen;
}

describe.each(Object.entries(REPORTS))("%s", (_, report) => {
  test("satisfies its schema after a trip through JSON", () => {
    expect(parseReport(JSON.parse(JSON.stringify(report)), "x").rows).toHaveLength(
      report.rows.length,
    );
  });

  test("figures are well-formed SVG of known elements, without a number that is none", () => {
    for (const { svg } of [{ svg: renderSvg(report) }, ...renderFigures(report)]) {
      const known = new Set(["svg", "g", "rect", "line", "path", "circle", "text", "title"]);
      expect(tagsOf(svg.trim()).filter((name) => !known.has(name))).toEqual([]);
      expect(svg).not.toMatch(/NaN|Infinity|undefined|var\(/);
    }
  });

  test("pages hold no address, and no number that is none", () => {
    const page = renderHtml(report);
    const visible = page.slice(0, page.indexOf('<script type="application/json"'));
    expect(visible).not.toMatch(/NaN|Infinity|undefined/);
    expect(visible.replaceAll("http://www.w3.org/2000/svg", "")).not.toMatch(/(?:src|href)="(?!#)/);
    expect(page.match(/<script/g)).toHaveLength(2);
    expect(page.match(/<\/script/g)).toHaveLength(2);
  });

  test("LaTeX escapes what is special; rows have equal cells", () => {
    const lines = renderLatex(report).split("\n");
    const rows = lines.filter((line) => line.endsWith("\\\\"));
    const cells = rows.map((row) => row.replaceAll("\\&", "").split("&").length);
    expect(new Set(cells).size).toBe(1);
    for (const row of rows.slice(1))
      expect(row.replaceAll(/\\[\\{}$&#%_]|\\text\w+\{\}|\$\\pm\$/g, "")).not.toMatch(
        /[{}$#%_^]|\\/,
      );
  });
});

test("a page without its data stays below 1.5 MB, also for 40 placements", () => {
  const page = renderHtml(REPORTS.forty);
  const data = page.slice(
    page.indexOf('<script type="application/json"'),
    page.lastIndexOf("<script>"),
  );
  expect(page.length - data.length).toBeLessThan(1.5e6);
});

test("no cell of CSV begins like a formula", () => {
  const rows = renderCsv(REPORTS.hostile).split("\r\n");
  for (const line of rows) expect(line).not.toMatch(/(?:^|,)"?[=+@]/);
});

describe.each(TOPICS)("only %s", (topic) => {
  const reduced = reduceTo(sampleReport(), topic);
  test("is a report", () => {
    expect(parseReport(JSON.parse(JSON.stringify(reduced)), "x").rows).toHaveLength(4);
  });
  test("keeps its own fields and no others", () => {
    const row = reduced.rows[1]!;
    const kept = {
      energy: row.energy_pJ_per_token,
      area: row.area_mm2,
      latency: row.decode_latency_ns,
      accuracy: row.perplexity,
    };
    for (const [name, value] of Object.entries(kept)) expect(value !== null).toBe(name === topic);
  });
  test("makes a page", () => {
    expect(renderHtml(reduced)).toContain("<h2");
  });
});

test("JSON reads back as it was, with one line per list of numbers", () => {
  const text = renderJson(REPORTS.hostile);
  expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(REPORTS.hostile)));
  expect(text).toMatch(/"busy_frac": \[[\d.,e-]+\]/);
});
