import { type Sweep, SweepSchema } from "../model/sweep.ts";
import { parseWith } from "./validate.ts";

/** Unknown -> design space. */
export const parseSweep = (value: unknown, file: string): Sweep =>
  parseWith(SweepSchema, value, file, []);
