import { type Report, ReportSchema } from "../model/report.ts";
import { parseWith } from "./validate.ts";

/** Unknown -> report, as `--out FILE.json` wrote it. */
export const parseReport = (value: unknown, file: string): Report =>
  parseWith(ReportSchema, value, file, []);
