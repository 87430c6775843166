import { expect, test } from "vitest";
import { forwardCase } from "./forward.ts";
import { expectClose, named, readCases } from "./golden.ts";

test.each(named(readCases("05-output-adc.json")))("%s", (_name, c) => {
  const { y, rounds } = forwardCase(c);
  expectClose(y, c.outputs);
  if (c.bm_rounds) expect(rounds).toEqual(c.bm_rounds);
});
