/** The figures of the study. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { estimate } from "../../src/accuracy/statistics.ts";
import { AGES_s, type Cell, DRIFT_RULES, type Extent, plain, SHARES } from "./cells.ts";
import { type Curve, lineChart } from "./line-chart.ts";
import { percent, risesOf } from "./markdown.ts";
import type { Journal } from "./pool.ts";
import type { Comparison } from "./predictions.ts";
import { PCM_SCALES } from "./tiles.ts";

type Rise = (cell: Partial<Cell>) => { readonly y: number; readonly error: number } | null;

function riseOf(journal: Journal, model: string, seeds: number): Rise {
  return (cell) => {
    const whole = { ...plain, tile: "", rule: "", share: 0, ...cell };
    const values = risesOf(journal, model, whole, seeds);
    if (values.length < seeds) return null;
    const { mean, sem } = estimate(values);
    return { y: mean, error: sem ?? 0 };
  };
}

/** A curve over some x; null where a point is missing. */
function curveOf(
  label: string,
  xs: readonly number[],
  of: (x: number) => ReturnType<Rise>,
): Curve | null {
  const points = xs.map((x) => ({ x, found: of(x) }));
  if (points.some(({ found }) => found === null)) return null;
  return { label, points: points.map(({ x, found }) => ({ x, ...found! })) };
}

const complete = (curves: readonly (Curve | null)[]): readonly Curve[] | null =>
  curves.length > 0 && curves.every((curve) => curve !== null) ? curves : null;

/** PCM noise of one scale, over the share of expert weights that is digital. */
function shareFigure(rise: Rise, model: string): string | null {
  const tile = "pcm-2.5";
  const rules = [
    ...["random", "max-neuron-norm", "activation-frequency", "activation-weight"],
    ...["forward-curvature", "measured-sensitivity", "fisher-experts", "fisher-matrices"],
  ];
  const curves = complete(
    rules.map((rule) =>
      curveOf(rule, [0, ...SHARES, 1], (share) => {
        if (share === 0) return rise({ tile, rule: "dense-digital" });
        return share === 1 ? { y: 0, error: 0 } : rise({ tile, rule, share });
      }),
    ),
  );
  if (curves === null) return null;
  return lineChart({
    title: `${model}: loss against digital share, PCM noise c = 2.5`,
    x: "share of the expert weights that is digital",
    y: "rise of the loss (nats)",
    curves,
    namesOfX: Object.fromEntries([0, ...SHARES, 1].map((share) => [share, percent(share)])),
  });
}

/** Curves of a few rules over the scale of PCM noise. */
function noiseFigure(rise: Rise, model: string): string | null {
  const rules = [
    ["dense-digital", 0],
    ["random", 0.25],
    ["max-neuron-norm", 0.25],
    ["activation-weight", 0.25],
    ["fisher-matrices", 0.25],
  ] as const;
  const curves = complete(
    rules.map(([rule, share]) =>
      curveOf(share === 0 ? rule : `${rule}, ${percent(share)}`, [0, ...PCM_SCALES], (c) =>
        c === 0 ? { y: 0, error: 0 } : rise({ tile: `pcm-${c}`, rule, share }),
      ),
    ),
  );
  if (curves === null) return null;
  const title = `${model}: loss against PCM programming noise`;
  return lineChart({ title, x: "noise scale c", y: "rise of the loss (nats)", curves });
}

const AGE_NAMES = ["1 s", "1 min", "1 h", "1 day", "30 days", "1 year"];

function driftFigure(rise: Rise, model: string): string | null {
  const curves = complete(
    ["chip-uncompensated", "chip"].flatMap((tile) =>
      DRIFT_RULES.map(([rule, share]) =>
        curveOf(
          `${rule}${share === 0 ? "" : `, ${percent(share)}`}${tile === "chip" ? ", compensated" : ""}`,
          AGES_s,
          (age_s) => rise({ tile, rule, share, age_s }),
        ),
      ),
    ),
  );
  if (curves === null) return null;
  return lineChart({
    title: `${model}: loss after programming, all effects of hetero-pcm`,
    x: "time since programming",
    y: "rise of the loss (nats)",
    curves,
    isLogX: true,
    namesOfX: Object.fromEntries(AGES_s.map((age, i) => [age, AGE_NAMES[i]!])),
  });
}

const KINDS = [
  ["matrix", "noise by matrix"],
  ["channel", "noise by channel"],
  ["pcm", "PCM programming"],
  ["chip", "hetero-pcm, all effects"],
] as const;

/** Below, a logarithmic axis shows the noise of the text. */
const LEAST_SHOWN_NATS = 0.001;

function predictionFigure(all: readonly Comparison[], model: string): string | null {
  const curves = KINDS.map(([kind, label]): Curve => {
    const own = all.filter(({ cell }) => cell.tile.startsWith(kind) && cell.effects === "all");
    const points = own
      .filter(({ predicted, measured }) => Math.min(predicted, measured) > LEAST_SHOWN_NATS)
      .map(({ predicted, measured, sem }) => ({ x: predicted, y: measured, error: sem }));
    return { label, points, isScatter: true };
  }).filter(({ points }) => points.length > 0);
  if (curves.length < KINDS.length) return null;
  return lineChart({
    title: `${model}: predicted and measured rise of the loss`,
    x: "predicted (nats)",
    y: "measured (nats)",
    curves,
    ...{ isLogX: true, isLogY: true, hasDiagonal: true },
  });
}

/** Writes every figure that all points are there for. */
export function writeFigures(
  folder: string,
  journal: Journal,
  models: readonly string[],
  { seeds }: Extent,
  comparisons: readonly Comparison[],
): void {
  for (const model of models) {
    const rise = riseOf(journal, model, seeds);
    const own = comparisons.filter((one) => one.model === model);
    const figures = {
      "digital-share": shareFigure(rise, model),
      "pcm-noise": noiseFigure(rise, model),
      drift: driftFigure(rise, model),
      prediction: predictionFigure(own, model),
    };
    for (const [name, figure] of Object.entries(figures))
      if (figure !== null) writeFileSync(join(folder, `${name}-${model}.svg`), figure);
  }
}
