import { test } from "vitest";
import { forwardCase } from "./forward.ts";
import { expectClose, named, readCases } from "./golden.ts";

test.each(named(readCases("08-ir-drop.json")))("%s", (name, c) => {
  // At this ratio the cubic amplifies the order of float32 sums.
  const relative = name.includes("ratio_20000") ? 1e-5 : 2e-6;
  expectClose(forwardCase(c).y, c.outputs, { relative });
});
