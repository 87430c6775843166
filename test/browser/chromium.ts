/** Debian's Chromium, where it is installed; pages are opened from a folder that is removed. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { type Browser, type BrowserContextOptions, chromium, type Page } from "playwright-core";
import { expect } from "vitest";

const EXECUTABLE = process.env["OHMOE_CHROMIUM"] ?? "/usr/bin/chromium";

/** Without it the tests are skipped, by their names. */
export const HAS_CHROMIUM = existsSync(EXECUTABLE);

const ARGUMENTS = [
  "--no-sandbox",
  "--disable-quic",
  "--no-first-run",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export interface Opened {
  readonly page: Page;
  /** What the page said and asked for; both must stay empty. */
  readonly messages: readonly string[];
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

const WITHOUT_GPU = ["--disable-gpu"];

/** WebGPU that a processor plays. */
export const WITH_WEBGPU = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

export async function startChromium(more: readonly string[] = WITHOUT_GPU) {
  const browser: Browser = await chromium.launch({
    executablePath: EXECUTABLE,
    args: [...ARGUMENTS, ...more],
  });
  const folder = mkdtempSync(join(tmpdir(), "ohmoe-page-"));
  let files = 0;
  return {
    open: async (html: string, options: BrowserContextOptions = {}): Promise<Opened> => {
      const file = join(folder, `${files++}.html`);
      writeFileSync(file, html);
      const context = await browser.newContext(options);
      const page = await context.newPage();
      const messages: string[] = [];
      const requests: string[] = [];
      page.on("console", (message) => messages.push(message.text()));
      page.on("pageerror", (error) => messages.push(String(error)));
      page.on("request", (request) => {
        if (request.url() !== pathToFileURL(file).href) requests.push(request.url());
      });
      await page.goto(pathToFileURL(file).href);
      if (options.javaScriptEnabled !== false)
        await page.waitForSelector("html[data-ready=yes]", { state: "attached" });
      return { page, messages, requests, close: () => context.close() };
    },
    stop: async (): Promise<void> => {
      await browser.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
export type Chromium = Awaited<ReturnType<typeof startChromium>>;

/** Nothing wider than the screen, nothing said, nothing asked for. */
export async function expectQuiet({ page, messages, requests }: Opened): Promise<void> {
  const width = page.viewportSize()!.width;
  const box = await page.locator("html").boundingBox();
  const inner = await page
    .locator("body")
    .evaluate((body) => body.scrollWidth)
    .catch(() => 0);
  expect(Math.max(box!.width, inner)).toBeLessThanOrEqual(width);
  expect(messages).toEqual([]);
  expect(requests).toEqual([]);
}
