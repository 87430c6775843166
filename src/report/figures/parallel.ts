/** Axes of an exploration: variables first, then objectives. */
import type { Exploration, ExplorationPlotPoint } from "../../model/exploration.ts";
import { formatNamed } from "./fields.ts";
import { scaleOf } from "./scale.ts";

export interface ParallelAxis {
  readonly title: string;
  readonly isObjective: boolean;
  /** Place of a point, 0 to 1; NaN where it has no value. */
  readonly place: (point: ExplorationPlotPoint) => number;
  readonly ticks: readonly { readonly share: number; readonly text: string }[];
}

export function explorationAxes(data: Exploration): ParallelAxis[] {
  return [
    ...data.variables.map(({ name, values }) => {
      const of = (point: ExplorationPlotPoint): unknown => point.variables[name];
      const areNumbers = values.every((value) => typeof value === "number") && values.length > 6;
      return areNumbers
        ? numberAxis(name, name, false, of, values as number[])
        : listAxis(name, of, values.map(String));
    }),
    ...data.objectives.map(({ name, direction }) => {
      const of = (point: ExplorationPlotPoint): unknown => point.objectives[name];
      const values = data.points.map(of).filter((value) => typeof value === "number");
      const better = direction === "minimise" ? "↓" : "↑";
      return numberAxis(name, `${name} ${better}`, true, of, values);
    }),
  ];
}

function numberAxis(
  name: string,
  title: string,
  isObjective: boolean,
  of: (point: ExplorationPlotPoint) => unknown,
  values: readonly number[],
): ParallelAxis {
  let [least, most] = [Infinity, -Infinity];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  if (values.length === 0) [least, most] = [0, 1];
  const { at, ticks } = scaleOf([least, most], 0, 1, { log: true, count: 4 });
  return {
    title,
    isObjective,
    place: (point) => {
      const value = of(point);
      return typeof value === "number" ? at(value) : Number.NaN;
    },
    ticks: ticks.map((tick) => ({ share: at(tick), text: formatNamed(name, tick) })),
  };
}

/** Values in the order of the space file, evenly spread. */
function listAxis(
  title: string,
  of: (point: ExplorationPlotPoint) => unknown,
  values: readonly string[],
): ParallelAxis {
  const shareOf = (i: number): number =>
    values.length === 1 ? 0.5 : 0.05 + (0.9 * i) / (values.length - 1);
  const places = new Map(values.map((value, i) => [value, shareOf(i)]));
  const every = Math.ceil(values.length / 12);
  return {
    title,
    isObjective: false,
    place: (point) => places.get(String(of(point))) ?? Number.NaN,
    ticks: values.flatMap((text, i) => (i % every === 0 ? [{ share: shareOf(i), text }] : [])),
  };
}
