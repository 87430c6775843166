/** The README's picture: the top of the example report, as Chromium shows it. `npx tsx scripts/write-picture.ts` */
import { mkdirSync, readFileSync } from "node:fs";
import { startChromium } from "../test/browser/chromium.ts";

const chromium = await startChromium();
const { page } = await chromium.open(readFileSync("reports/examples/compare.html", "utf8"), {
  viewport: { width: 1100, height: 1500 },
  colorScheme: "light",
});
await page.addStyleTag({ content: "nav,.tools{display:none!important}" }).catch(() => {});
mkdirSync("docs/images", { recursive: true });
await page.screenshot({ path: "docs/images/report.png" });
await page.locator("#floorplan .split").scrollIntoViewIfNeeded();
await page.locator("#floorplan").screenshot({ path: "docs/images/floorplan.png" });
await chromium.stop();
