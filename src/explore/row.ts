/** One line of the journal and of the database: one point at one stage, flat. */
import { type ReportRow, ReportSchema } from "../model/report.ts";
import type { Level } from "../model/run.ts";
import type { SweepStage } from "../model/sweep.ts";

export type Scalar = string | number | boolean | null;

/** Fields of a report's row that a point has too: all but lists. */
type ReportFields = Omit<ReportRow, "notes">;

/** What every row has, beside variables, objectives and the fields of a report's row. */
interface OwnFields {
  /** Hash of the resolved point: base and everything that the point changes in it. */
  readonly point: string;
  /** Number of the point in the search, from 0; the same for both stages. */
  readonly index: number;
  readonly stage: SweepStage;
  readonly level: Level;
  /** The surrogate's figures, on rows of both stages. */
  readonly predicted_nll_nats: number | null;
  readonly predicted_perplexity: number | null;
  /** What went wrong; null where nothing did. Then all results are null and `feasible` is false. */
  readonly error: string | null;
  readonly arch_sha256: string | null;
  readonly placement_sha256: string | null;
  /** Where it ran: local or slurm. */
  readonly engine: string;
  readonly wall_ms: number;
}

export type PointRow = OwnFields & ReportFields & Readonly<Record<string, Scalar>>;

export type ColumnType = "text" | "number" | "integer" | "boolean";
export interface Column {
  readonly name: string;
  readonly type: ColumnType;
}

const column =
  (type: ColumnType) =>
  (name: string): Column => ({ name, type });

const BEFORE_VARIABLES: readonly Column[] = [
  column("text")("point"),
  column("integer")("index"),
  column("text")("stage"),
  column("text")("level"),
];

const AFTER_OBJECTIVES: readonly Column[] = [
  column("number")("predicted_nll_nats"),
  column("number")("predicted_perplexity"),
  column("text")("error"),
  column("text")("arch_sha256"),
  column("text")("placement_sha256"),
  column("text")("engine"),
  column("number")("wall_ms"),
];

/** The little of JSON Schema that the type of a report field is read from. */
interface FieldSchema {
  readonly type?: string;
  readonly anyOf?: readonly FieldSchema[];
}

function columnType({ type, anyOf }: FieldSchema): ColumnType | null {
  if (anyOf !== undefined) return anyOf.map(columnType).find((inner) => inner !== null) ?? null;
  if (type === "number" || type === "integer" || type === "boolean") return type;
  return type === "array" || type === "null" || type === "object" ? null : "text";
}

const rowProperties = ReportSchema.properties.rows.items.properties as Readonly<
  Record<string, FieldSchema>
>;

/** Scalar fields of a report's row, in its order. */
export const REPORT_COLUMNS: readonly Column[] = Object.entries(rowProperties).flatMap(
  ([name, schema]) => {
    const type = name === "note" ? null : columnType(schema);
    return type === null ? [] : [{ name, type }];
  },
);

/** Names that no variable may have. */
export const RESERVED_COLUMNS: readonly string[] = [
  ...[...BEFORE_VARIABLES, ...REPORT_COLUMNS, ...AFTER_OBJECTIVES].map(({ name }) => name),
  "version",
  "kernel",
  "space_sha256",
  "workload_sha256",
  "checkpoint_sha256",
  "text_sha256",
];

/** What a variable shows: all numbers, all booleans, or texts. */
const typeOfValues = (values: readonly Scalar[]): ColumnType => {
  if (values.every((value) => typeof value === "number")) return "number";
  if (values.every((value) => typeof value === "boolean")) return "boolean";
  return "text";
};

/**
 * Columns of a space's rows, in the order of the database.
 *
 * A variable of mixed values is text. An objective that is a report field has no column of its own.
 */
export function rowColumns(
  variables: readonly { readonly name: string; readonly values: readonly Scalar[] }[],
  objectives: readonly { readonly name: string }[],
): readonly Column[] {
  const columns = [
    ...BEFORE_VARIABLES,
    ...variables.map(({ name, values }) => ({ name, type: typeOfValues(values) })),
    ...objectives.flatMap(({ name }) => [
      { name, type: "number" as const },
      { name: semOf(name), type: "number" as const },
    ]),
    ...REPORT_COLUMNS,
    ...AFTER_OBJECTIVES,
  ];
  return [...new Map(columns.map((c) => [c.name, c])).values()];
}

/** Column with the standard error of an objective. */
export const semOf = (objective: string): string => `${objective}_sem`;

/** A row names its point and stage: that is what is done once. */
export const rowKey = ({ stage, index }: Pick<PointRow, "stage" | "index">): string =>
  `${stage} ${index}`;
