import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parseWith } from "../../src/input/validate.ts";
import { ExplorationSchema } from "../../src/model/exploration.ts";
import { renderExploration } from "../../src/report/formats/exploration-html.ts";
import { sampleExploration } from "../report/sample-exploration.ts";
import { type Chromium, expectQuiet, HAS_CHROMIUM, startChromium } from "./chromium.ts";

const small = sampleExploration(500, "<script>globalThis.hacked=1</script>");

test("the sample satisfies the schema", () => {
  expect(
    parseWith(ExplorationSchema, JSON.parse(JSON.stringify(small)), "x", []).points,
  ).toHaveLength(500);
});

describe.skipIf(!HAS_CHROMIUM)("exploration page in Chromium", () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium();
  });
  afterAll(() => chromium?.stop());

  test.each([360, 800, 1440])("%i px: no overflow, no message, no request", async (width) => {
    const opened = await chromium.open(renderExploration(small), {
      viewport: { width, height: 800 },
    });
    await expectQuiet(opened);
    expect(await opened.page.evaluate("globalThis.hacked")).toBeUndefined();
    await opened.close();
  });

  test("without JavaScript the front is there", async () => {
    const opened = await chromium.open(renderExploration(small), {
      viewport: { width: 800, height: 800 },
      javaScriptEnabled: false,
    });
    expect(await opened.page.locator("#figure-front svg >> visible=true").count()).toBe(1);
    expect(await opened.page.locator("#front tbody tr").count()).toBe(small.front.length);
    await opened.close();
  });

  test("20,000 points: a range filters, a click on a point reads it", async () => {
    const data = sampleExploration(20_000);
    const opened = await chromium.open(renderExploration(data), {
      viewport: { width: 1440, height: 900 },
    });
    const { page } = opened;
    const count = page.locator("#exploration-live p.note");
    expect(await count.textContent()).toBe("20,000 of 20,000 points within all ranges");
    const lines = page.locator("canvas").first();
    await lines.scrollIntoViewIfNeeded();
    const at = (await lines.boundingBox())!;
    // The first axis is a list of six values; its lower half has bits 4 to 6.
    await page.mouse.move(at.x + 52, at.y + at.height - 20);
    await page.mouse.down();
    await page.mouse.move(at.x + 52, at.y + at.height / 2, { steps: 3 });
    await page.mouse.up();
    const kept = data.points.filter(({ variables }) => (variables["bits"] as number) <= 6).length;
    expect(await count.textContent()).toContain(`${kept.toLocaleString("en-GB")} of`);
    await page.getByText("Clear all ranges").click();
    await page.locator("canvas").nth(1).scrollIntoViewIfNeeded();
    const dots = (await page.locator("canvas").nth(1).boundingBox())!;
    for (const [x, y] of [
      [0.5, 0.5],
      [0.4, 0.6],
      [0.6, 0.7],
      [0.3, 0.4],
      [0.5, 0.3],
    ] as const) {
      await page.mouse.click(dots.x + dots.width * x, dots.y + dots.height * y);
      if ((await page.locator(".aside h3").count()) > 0) break;
    }
    const index = Number(/\d+/.exec((await page.locator(".aside h3").textContent())!)![0]);
    const text = (await page.locator(".aside").textContent())!;
    expect(text).toContain(data.points[index]!.variables["strategy"] as string);
    await expectQuiet(opened);
    await opened.close();
  });
});
