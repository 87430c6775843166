/** What the study cost; apart from its tables, which do not depend on the machine. */
import { table } from "./markdown.ts";
import type { Journal } from "./pool.ts";

type Times = ReturnType<Journal["times_s"]>;

/** Kind of a cell that was measured; null: it was computed. */
function kindOf(key: string): string | null {
  const [model, measure, effects, tile] = key.split("|");
  if (measure!.startsWith("single")) return `${model}, one expert noisy`;
  if (measure !== "nll" && measure !== "pairs") return null;
  const text = measure === "pairs" ? ", pairs" : "";
  if (tile === undefined) return `${model}, digital${text}`;
  return `${model}, ${tile}${effects === "converters" ? " (converters only)" : ""}${text}`;
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const minutes = (seconds: number): string => (seconds / 60).toFixed(1);

const NOTE = `Processor time of all threads; a cell's is that since the entry before it. Only cells that were measured with the
program as it is now have one, groups of cells that are measured together as a whole; each kind is taken to cost
what those of it cost. Half of the whole is what two cores take that have nothing else to do.`;

interface Kind {
  readonly kind: string;
  readonly cells: number;
  readonly timed: number;
  readonly each_s: number;
}

/** Cells of a kind without any time count as the mean of all that have one. */
function kindsOf(times: Times): Kind[] {
  const kinds = new Map<string, (number | null)[]>();
  for (const [key, cpu_s] of times) {
    const kind = kindOf(key);
    if (kind !== null) kinds.set(kind, [...(kinds.get(kind) ?? []), cpu_s]);
  }
  const notedOf = (all: readonly (number | null)[]): number[] =>
    all.flatMap((cpu_s) => cpu_s ?? []);
  const every = notedOf([...kinds.values()].flat());
  return [...kinds]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([kind, all]) => {
      const own = notedOf(all);
      const noted = own.length > 0 ? own : every;
      const each_s = sum(noted) / Math.max(1, noted.length);
      return { kind, cells: all.length, timed: own.length, each_s };
    });
}

/** Extrapolates from the cells that have a time, kind by kind. */
export function runTimeOf(times: Times): string {
  const kinds = kindsOf(times);
  const cells = sum(kinds.map((own) => own.cells));
  const timed = sum(kinds.map((own) => own.timed));
  const together_s = sum(kinds.map((own) => own.each_s * own.cells));
  const rest_s = sum(times.flatMap(([key, cpu_s]) => (kindOf(key) === null ? (cpu_s ?? []) : [])));
  const head = [
    ...["measured cells", "of them timed", "processor time each (s)"],
    ...["everything else (min)", "whole study (min)"],
  ];
  const each = (together_s / Math.max(1, cells)).toFixed(2);
  const whole = table(head, [[cells, timed, each, minutes(rest_s), minutes(together_s + rest_s)]]);
  const byKind = table(
    ["cells", "number", "timed", "each (s)", "together (min)"],
    kinds.map((own) => [
      ...[own.kind, own.cells, own.timed],
      ...[own.each_s.toFixed(2), minutes(own.each_s * own.cells)],
    ]),
  );
  return `# Run time\n\n${NOTE}\n\n${whole}\n${byKind}`;
}
