import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ReportRow } from "../../src/model/report.ts";
import { formatField } from "../../src/report/figures/fields.ts";
import { tilePlaces } from "../../src/report/figures/floorplan-places.ts";
import { renderHtml } from "../../src/report/formats/html.ts";
import { HOSTILE, sampleReport } from "../report/sample.ts";
import { type Chromium, expectQuiet, HAS_CHROMIUM, startChromium } from "./chromium.ts";

const report = sampleReport([
  "all-digital",
  "all-analog",
  "dense-digital",
  "half:0.5",
  "too-large",
]);
const html = renderHtml(report);
/** Height of one line of legend above a floorplan. */
const LEGEND = 28;
const many = sampleReport(
  Array.from({ length: 40 }, (_, i) => `a-rather-long-name-of-placement-${i}:0.${i}`),
);

describe.skipIf(!HAS_CHROMIUM)("report page in Chromium", () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium?.stop());

  test.each([
    [360, "light"],
    [360, "dark"],
    [800, "light"],
    [1440, "light"],
    [1440, "dark"],
  ] as const)("%i px, %s: no overflow, no message, no request", async (width, colorScheme) => {
    const opened = await chromium.open(html, { viewport: { width, height: 800 }, colorScheme });
    await opened.page.locator("details").evaluateAll((all) => {
      for (const details of all) (details as unknown as { open: boolean }).open = true;
    });
    await expectQuiet(opened);
    const ground = await opened.page.locator("body").evaluate((body) => {
      const style = (
        globalThis as unknown as { getComputedStyle: (e: unknown) => { backgroundColor: string } }
      ).getComputedStyle(body);
      return style.backgroundColor;
    });
    expect(ground).toBe(colorScheme === "dark" ? "rgb(20, 24, 29)" : "rgb(255, 255, 255)");
    await opened.close();
  });

  test("without JavaScript every figure and table is there", async () => {
    const opened = await chromium.open(html, {
      viewport: { width: 360, height: 800 },
      javaScriptEnabled: false,
    });
    await expectQuiet(opened);
    for (const id of [
      "pareto",
      "energy",
      "area",
      "prefill",
      "decode",
      "critical-decode",
      "floorplan-0",
      "experts-load",
      "accuracy-share",
      "evidence",
    ])
      expect(await opened.page.locator(`#figure-${id} svg >> visible=true`).count(), id).toBe(1);
    expect(await opened.page.locator("button >> visible=true").count()).toBe(0);
    await opened.close();
  });

  test("40 placements with long names do not overflow", async () => {
    const opened = await chromium.open(renderHtml(many), { viewport: { width: 360, height: 800 } });
    await expectQuiet(opened);
    await opened.close();
  });

  test("charts show the report's numbers, and marks are where the numbers say", async () => {
    const opened = await chromium.open(html, { viewport: { width: 1440, height: 900 } });
    const { page } = opened;
    const shown = report.rows.filter(({ feasible }) => feasible);
    for (const field of ["perplexity", "decode_latency_ns", "area_occupied_mm2"] as const) {
      await page.selectOption("#scatter select >> nth=1", field);
      const marks = await page.locator("#scatter circle").evaluateAll((all) =>
        all.map((c) => ({
          label: c.getAttribute("aria-label")!,
          x: Number(c.getAttribute("cx")),
          y: Number(c.getAttribute("cy")),
        })),
      );
      expect(marks).toHaveLength(shown.length);
      shown.forEach((row, i) => {
        expect(marks[i]!.label).toContain(row.placement);
        expect(marks[i]!.label).toContain(
          formatField("energy_pJ_per_token", row.energy_pJ_per_token!),
        );
      });
      const isLog = (await page.locator("#scatter svg").textContent())!.includes("token, log");
      expectAligned(
        marks.map((m) => m.x),
        shown,
        (row) => (isLog ? Math.log(row.energy_pJ_per_token!) : row.energy_pJ_per_token!),
      );
    }
    const titles = await page.locator("#figure-energy .wide rect title").allTextContents();
    const parts = report.breakdown.filter(
      (r) => r.phase === "decode" && r.placement === "all-analog" && r.component === "hbm",
    );
    const hbm_pJ = parts.reduce((sum, r) => sum + r.energy_pJ!, 0) / report.options.decode_tokens;
    expect(titles).toContain(`all-analog: hbm ${formatField("energy_pJ_per_token", hbm_pJ)}`);
    await opened.close();
  });

  test("two points pinned, a tile opened, the theme switched, printed", async () => {
    const opened = await chromium.open(html, { viewport: { width: 1440, height: 900 } });
    const { page } = opened;
    await page.click('#scatter circle[data-point="0"]');
    await page.focus('#scatter circle[data-point="1"]');
    await page.keyboard.press("Enter");
    const heads = await page.locator("#scatter th[scope=col]").allTextContents();
    expect(heads).toEqual(["Pinned", "all-digital", "all-analog", "Ratio"]);
    const [a, b] = report.rows as [ReportRow, ReportRow];
    const ratio = (b.energy_pJ_per_token! / a.energy_pJ_per_token!).toPrecision(3);
    expect(
      await page.locator("#scatter tr", { hasText: "Energy per token" }).textContent(),
    ).toContain(ratio);

    const plan = report.floorplans!.find(({ placement }) => placement === "all-analog")!;
    await page.focus("#floorplan-live [role=application]");
    await page.keyboard.press("ArrowRight");
    const tile = page.locator("#floorplan-live .aside");
    expect(await tile.locator("h3").textContent()).toContain("Tile 0");
    const name = report.matrices!.find(({ matrix }) => matrix === plan.blocks![0]![0])!.name;
    expect(await tile.textContent()).toContain(name);
    const svg = page.locator("#floorplan-live svg");
    const width = await svg.evaluate((element) => element.clientWidth);
    const place = tilePlaces(report.chip!, width).tiles[9]!;
    const position = { x: place.x + place.side / 2, y: LEGEND + place.y + place.side / 2 };
    await svg.click({ position });
    expect(await tile.locator("h3").textContent()).toContain("Tile 9,");

    await page.getByText("Theme: system").click();
    await page.getByText("Theme: light").click();
    const ground = await page.locator("html").getAttribute("data-theme");
    expect(ground).toBe("dark");
    await page.emulateMedia({ media: "print" });
    expect(await page.locator("nav >> visible=true").count()).toBe(0);
    expect(await page.locator("#figure-pareto .wide svg >> visible=true").count()).toBe(1);
    expect((await page.pdf()).subarray(0, 5).toString()).toBe("%PDF-");
    expect(opened.messages).toEqual([]);
    expect(opened.requests).toEqual([]);
    await opened.close();
  });

  test("experts sort by value", async () => {
    const opened = await chromium.open(html, { viewport: { width: 800, height: 900 } });
    await opened.page.selectOption("#experts-live select >> nth=2", "yes");
    const first = await opened.page.locator("#experts-live title").allTextContents();
    const loads = report.experts!.load_tokens[0]!;
    expect(first[0]).toBe(
      `layer 0, expert ${loads.indexOf(Math.max(...loads))}: ${Math.max(...loads)}`,
    );
    await opened.close();
  });

  test("hostile names are text and do nothing", async () => {
    const hostile = sampleReport(HOSTILE, { title: HOSTILE[0] });
    const opened = await chromium.open(renderHtml(hostile), {
      viewport: { width: 360, height: 800 },
    });
    const { page } = opened;
    for (const select of await page
      .locator("#scatter select, #floorplan-live select, #experts-live select")
      .all())
      await select.selectOption({ index: 1 });
    for (const circle of await page.locator("#scatter circle").all())
      await circle.dispatchEvent("click");
    await page.locator("#scatter circle").first().dispatchEvent("pointerenter");
    expect(await page.evaluate("globalThis.hacked")).toBeUndefined();
    expect(await page.locator("img").count()).toBe(0);
    expect(await page.locator("h1").textContent()).toContain(HOSTILE[0]);
    await expectQuiet(opened);
    await opened.close();
  });

  test.each(["light", "dark"] as const)(
    "axe finds nothing to object to, %s",
    async (colorScheme) => {
      const opened = await chromium.open(html, {
        viewport: { width: 1000, height: 900 },
        colorScheme,
      });
      await opened.page.click('#scatter circle[data-point="0"]');
      expect(await axeViolations(opened.page)).toEqual([]);
      await opened.close();
    },
  );
});

/** Places on an axis are an affine function of values. */
function expectAligned(
  places: readonly number[],
  rows: readonly ReportRow[],
  of: (row: ReportRow) => number,
): void {
  const values = rows.map(of);
  const [low, high] = [Math.min(...values), Math.max(...values)].map((v) => values.indexOf(v)) as [
    number,
    number,
  ];
  const slope = (places[high]! - places[low]!) / (values[high]! - values[low]!);
  values.forEach((value, i) => {
    expect(places[i]).toBeCloseTo(places[low]! + slope * (value - values[low]!), 1);
  });
}

const AXE = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

async function axeViolations(page: {
  evaluate: (script: string) => Promise<unknown>;
}): Promise<string[]> {
  await page.evaluate(AXE);
  const found = (await page.evaluate("axe.run()")) as {
    violations: { id: string; nodes: { html: string }[] }[];
  };
  return found.violations.map(
    ({ id, nodes }) =>
      `${id}: ${nodes
        .map((n) => n.html.slice(0, 160))
        .slice(0, 3)
        .join(" | ")}`,
  );
}
