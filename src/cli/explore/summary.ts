/** What an exploration found, as people read it. */
import type { Exploration, ExplorationFrontPoint } from "../../model/exploration.ts";
import { csvLines } from "../../report/formats/csv.ts";
import { textTable } from "../../report/text-table.ts";

const WIDTH = 80;
/** Lines of the front that a terminal shows. */
const SHOWN = 20;

/** Six digits: enough to tell neighbours apart. */
const short = (value: unknown): string => {
  if (value === null || value === undefined) return "-";
  if (typeof value !== "number") return String(value);
  return String(Number(value.toPrecision(6)));
};

/** Value and standard error, as many digits as the error allows. */
function withError(value: number | null, sem: number | null): string {
  if (value === null || sem === null || sem === 0) return short(value);
  const digits = Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(sem))));
  return `${value.toFixed(digits)} ±${sem.toFixed(digits)}`;
}

interface FrontTable {
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly aligns: readonly ("left" | "right")[];
}

function frontTable({ variables, objectives, front }: Exploration): FrontTable {
  const names = objectives
    .map(({ name }) => name)
    .filter((o) => variables.every((v) => v.name !== o));
  return {
    head: ["point", ...variables.map(({ name }) => name), ...names, "noise"],
    rows: sortedFront(front, names).map((point) => [
      String(point.index),
      ...variables.map(({ name }) => short(point.variables[name])),
      ...names.map((name) =>
        withError(point.objectives[name] ?? null, point.objectives_sem[name] ?? null),
      ),
      point.within_noise_of.length === 0 ? "" : `~${point.within_noise_of.length}`,
    ]),
    aligns: [
      "right",
      ...variables.map(() => "right" as const),
      ...names.map(() => "right" as const),
      "left",
    ],
  };
}

const sortedFront = (front: readonly ExplorationFrontPoint[], [first]: readonly string[]) =>
  [...front].sort(
    (a, b) =>
      (a.objectives[first ?? ""] ?? 0) - (b.objectives[first ?? ""] ?? 0) || a.index - b.index,
  );

/** At most 80 columns. */
export function terminalSummary(exploration: Exploration): string {
  return `${[counts(exploration), frontText(exploration), failureText(exploration)]
    .filter((part) => part !== "")
    .join("\n\n")}\n`;
}

function counts({ name, counts: c, hypervolume, screening, survivors }: Exploration): string {
  const volume = hypervolume?.trace.at(-1)?.hypervolume_frac;
  return [
    `${name}: ${c.screened_points} of ${short(c.combinations_count)} points at level ${screening.level}, accuracy ${screening.accuracy}`,
    ...(survivors === null
      ? []
      : [
          `survivors: ${c.survivor_points} at level ${survivors.level}, accuracy ${survivors.accuracy}`,
        ]),
    `infeasible: ${c.infeasible_points}, failed: ${c.failed_points}, on the front: ${c.front_points}`,
    ...(volume === undefined
      ? []
      : [`hypervolume of the screening: ${volume.toFixed(4)} of the box`]),
  ]
    .map((line) => fold(line))
    .join("\n");
}

const fold = (line: string): string =>
  line.length <= WIDTH ? line : line.replace(/^(.{1,79}) (.*)$/, "$1\n  $2");

function frontText(exploration: Exploration): string {
  const table = frontTable(exploration);
  if (table.rows.length === 0) return "no feasible point";
  const shown = table.rows.slice(0, SHOWN);
  const wide = textTable(table.head, shown, table.aligns);
  const text = widest(wide) <= WIDTH ? wide : tallTable(table, shown);
  const noisy = exploration.front.some(({ within_noise_of }) => within_noise_of.length > 0);
  return [
    text,
    ...(table.rows.length > shown.length
      ? [`${shown.length} of ${table.rows.length} points of the front; front.csv has all`]
      : []),
    ...(noisy ? ["~n: n other points may be better, within noise; front.csv names them"] : []),
  ].join("\n");
}

const widest = (text: string): number => Math.max(...text.split("\n").map((line) => line.length));

/** Where the columns do not fit side by side, they are put under each other in blocks that do. */
function tallTable({ head, aligns }: FrontTable, rows: FrontTable["rows"]): string {
  const blocks: number[][] = [];
  let block = [0];
  for (let c = 1; c < head.length; c++) {
    const wider = [...block, c];
    if (block.length > 1 && widest(columnsOf(head, rows, aligns, wider)) > WIDTH) {
      blocks.push(block);
      block = [0, c];
    } else block = wider;
  }
  blocks.push(block);
  return blocks.map((columns) => columnsOf(head, rows, aligns, columns)).join("\n\n");
}

const columnsOf = (
  head: FrontTable["head"],
  rows: FrontTable["rows"],
  aligns: FrontTable["aligns"],
  columns: readonly number[],
): string => {
  const pick = <T>(list: readonly T[]): T[] => columns.map((c) => list[c]!);
  return textTable(pick(head), rows.map(pick), pick(aligns));
};

function failureText({ failures }: Exploration): string {
  if (failures.length === 0) return "";
  const lines = failures.slice(0, 5).map(({ error, rows_count, example_index }) => {
    const text = `${rows_count} failed, for example point ${example_index}: ${error}`;
    return text.length <= WIDTH ? text : `${text.slice(0, WIDTH - 3)}...`;
  });
  return lines.join("\n");
}

/** The front with every column of its rows. */
export function frontCsv({ front }: Exploration): string {
  const names = Object.keys(front[0]?.row ?? {});
  return csvLines([
    [...names, "within_noise_of"],
    ...front.map(({ row, within_noise_of }) => [
      ...names.map((name) => row[name]),
      within_noise_of.join(" "),
    ]),
  ]);
}

export function summaryMarkdown(exploration: Exploration): string {
  const { head, rows } = frontTable(exploration);
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const { name, counts: c, hypervolume, notes, failures, predictions } = exploration;
  const trace = hypervolume?.trace ?? [];
  const some = trace.filter(
    (_, i) => i % Math.ceil(trace.length / 10) === 0 || i + 1 === trace.length,
  );
  return `${[
    `# ${name}`,
    `${c.screened_points} of ${short(c.combinations_count)} points at level ${exploration.screening.level}, ${c.survivor_points} survivors, ${c.infeasible_points} infeasible, ${c.failed_points} failed. Program ${exploration.version}, space \`${exploration.space_sha256.slice(0, 12)}\`.`,
    "## Front",
    [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n"),
    "`~n`: so many other points may dominate this one; its lead over them is within noise (5 %, standard errors over seeds).",
    ...(some.length === 0
      ? []
      : [
          "## Hypervolume of the screening",
          [
            line(["points", "share of the box"]),
            line(["---", "---"]),
            ...some.map((t) => line([String(t.evaluations_count), t.hypervolume_frac.toFixed(4)])),
          ].join("\n"),
        ]),
    ...(predictions.length === 0 ? [] : ["## Predicted and measured", predictionText(predictions)]),
    ...(failures.length === 0
      ? []
      : [
          "## Failures",
          failures
            .map((f) => `- ${f.rows_count} times, for example point ${f.example_index}: ${f.error}`)
            .join("\n"),
        ]),
    ...(notes.length === 0 ? [] : ["## Notes", notes.map((note) => `- ${note}`).join("\n")]),
  ].join("\n\n")}\n`;
}

function predictionText(predictions: Exploration["predictions"]): string {
  const errors = predictions.map((p) => Math.abs(p.predicted_nll_nats - p.measured_nll_nats));
  const mean = errors.reduce((sum, e) => sum + e, 0) / errors.length;
  return `${predictions.length} survivors have both; the surrogate is off by ${short(mean)} nats on average, ${short(Math.max(...errors))} at most.`;
}
