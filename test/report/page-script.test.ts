import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
// @ts-expect-error: a plain script without types
import { compilePage, scriptModule } from "../../scripts/build-page.mjs";

test("the committed script of pages is what `npm run page` writes", () => {
  const committed = readFileSync(
    new URL("../../src/report/page/client-script.ts", import.meta.url),
    "utf8",
  );
  expect(committed).toBe(scriptModule(compilePage()));
});
