/** Time until a page of 20,000 points answers: `npx tsx bench/page.ts`. Needs Chromium. */
import { renderExploration } from "../src/report/formats/exploration-html.ts";
import { HAS_CHROMIUM, startChromium } from "../test/browser/chromium.ts";
import { sampleExploration } from "../test/report/sample-exploration.ts";

const POINTS = 20_000;
const GOAL_s = 3;

if (!HAS_CHROMIUM) throw new Error("no Chromium");
const chromium = await startChromium();
const began = performance.now();
const html = renderExploration(sampleExploration(POINTS));
const rendered = performance.now();
const { page, close } = await chromium.open(html, { viewport: { width: 1440, height: 900 } });
await page.evaluate(
  "new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))",
);
const interactive_ms = await page.evaluate("performance.now()");
const select_ms = await page.evaluate(`(async () => {
  const began = performance.now();
  const part = document.querySelectorAll("#exploration-live select")[1];
  part.value = "1";
  part.dispatchEvent(new Event("change"));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  return performance.now() - began;
})()`);
const seconds = (ms: unknown): string => `${((ms as number) / 1000).toFixed(2)} s`;
process.stdout.write(
  [
    `page of ${POINTS} points, ${(html.length / 1e6).toFixed(1)} MB, written in ${seconds(rendered - began)}`,
    `from navigation to an answering page: ${seconds(interactive_ms)} (goal ${GOAL_s} s)`,
    `from a choice of a range to its drawing: ${seconds(select_ms)}`,
    "",
  ].join("\n"),
);
await close();
await chromium.stop();
