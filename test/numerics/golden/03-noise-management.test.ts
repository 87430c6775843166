import { test } from "vitest";
import { forwardCase } from "./forward.ts";
import { expectClose, named, readCases } from "./golden.ts";

test.each(named(readCases("03-noise-management.json")))("%s", (_name, c) => {
  const { y } = forwardCase(c);
  expectClose(y, c.outputs);
});
