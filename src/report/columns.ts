import type { Report, ReportRow } from "../model/report.ts";

/** Unit of a column; `engineering` formats choose a prefix, machine formats never do. */
export interface Column {
  readonly field: keyof ReportRow;
  readonly title: string;
  /** SI base and the factor from the field's unit to it; none for plain numbers. */
  readonly base?: { readonly unit: string; readonly factor: number };
  /** Digits behind the point where no prefix is used. */
  readonly digits?: number;
  readonly percent?: boolean;
  /** Field with the standard error, shown as ± behind the value. */
  readonly sem?: keyof ReportRow;
}

const SECONDS = { unit: "s", factor: 1e-9 } as const;
const JOULES = { unit: "J", factor: 1e-12 } as const;

/** What an inference of a model goes through: a token, or what a network names. */
export const unitOf = ({ options: { unit } }: Pick<Report, "options">): string => unit ?? "token";

/**
 * Columns of a report: what is per token in a model of language is per image, or what else goes
 * through, in a network.
 */
export function columnsOf({ options: { unit } }: Pick<Report, "options">): readonly Column[] {
  if (unit === undefined) return COLUMNS;
  const titles: Readonly<Record<string, string>> = {
    decode_latency_ns: "Step",
    energy_pJ_per_token: `Energy/${unit}`,
  };
  return COLUMNS.map((column) => ({ ...column, title: titles[column.field] ?? column.title }));
}

/** What people's tables show, in order. CSV carries every field of a row instead. */
const COLUMNS: readonly Column[] = [
  { field: "placement", title: "Placement" },
  { field: "digital_parameters_frac", title: "Digital", percent: true, digits: 1 },
  { field: "prefill_latency_ns", title: "Prefill", base: SECONDS },
  { field: "decode_latency_ns", title: "Decode step", base: SECONDS },
  { field: "energy_pJ_per_token", title: "Energy/token", base: JOULES },
  { field: "area_mm2", title: "Area mm2", digits: 1 },
  { field: "perplexity", title: "Perplexity", digits: 2, sem: "perplexity_sem" },
  {
    field: "next_token_accuracy_frac",
    title: "Next token",
    percent: true,
    digits: 2,
    sem: "next_token_accuracy_sem",
  },
  { field: "accuracy_frac", title: "Pairs", percent: true, digits: 1, sem: "accuracy_sem" },
];
