/** SVG to PNG, with the font that is installed beside: the same pixels on every machine. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url);
let isReady = false;

/** @returns PNG at twice the drawing's size */
export async function rasterise(svg: string): Promise<Uint8Array> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  if (!isReady) await initWasm(readFileSync(require.resolve("@resvg/resvg-wasm/index_bg.wasm")));
  isReady = true;
  const fonts = ["DejaVuSans.ttf", "DejaVuSans-Bold.ttf"].map((file) =>
    readFileSync(require.resolve(`dejavu-fonts-ttf/ttf/${file}`)),
  );
  const image = new Resvg(svg.replaceAll("system-ui, ", ""), {
    font: { fontBuffers: fonts, defaultFontFamily: "DejaVu Sans", sansSerifFamily: "DejaVu Sans" },
    fitTo: { mode: "zoom", value: 2 },
  });
  return image.render().asPng();
}
