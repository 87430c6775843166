import { readFileSync } from "node:fs";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { AnalogTile } from "../../src/model/arch.ts";
import { type Chromium, HAS_CHROMIUM, startChromium, WITH_WEBGPU } from "./chromium.ts";
import type { PageResult } from "./gpu-page.ts";

/** A page that does nothing until it is asked. */
async function page(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: ["test/browser/gpu-page.ts"],
    ...{ bundle: true, write: false, platform: "browser", format: "iife", target: "es2022" },
  });
  const script = outputFiles[0]!.text.replaceAll("</script", "<\\/script");
  return `<!doctype html><html data-ready="yes"><title>GPU</title><script>${script}</script></html>`;
}

describe.skipIf(!HAS_CHROMIUM)("the GPU engine in a tab of Chromium", () => {
  let chromium: Chromium;
  beforeAll(async () => {
    chromium = await startChromium(WITH_WEBGPU);
  });
  afterAll(() => chromium?.stop());

  test("a decoder layer with analog experts loses what it loses on the WASM engine", async () => {
    const { tiles }: { readonly tiles: readonly AnalogTile[] } = JSON.parse(
      readFileSync("arch/hetero-pcm.json", "utf8"),
    );
    const opened = await chromium.open(await page());
    const call = `compare(${JSON.stringify(tiles[0])})`;
    const result = (await opened.page.evaluate(call)) as PageResult;
    expect(result.adapter).toMatch(/swiftshader/i);
    expect(result.predictions).toBe(11);
    const { gpu_nll_nats, cpu_nll_nats, digital_nll_nats, predictions } = result;
    expect(gpu_nll_nats / predictions).toBeCloseTo(cpu_nll_nats / predictions, 5);
    // Programming and reading noise move it by far more than that.
    expect(Math.abs(cpu_nll_nats - digital_nll_nats) / predictions).toBeGreaterThan(1e-3);
    expect(opened.messages).toEqual([]);
    expect(opened.requests).toEqual([]);
    await opened.close();
  });
});
