/** Tables and figures of the study. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { estimate, pairedDifference } from "../../src/accuracy/statistics.ts";
import {
  plain,
  SENSITIVITY_HEAD,
  sensitivityRows,
  toleranceText,
} from "../../src/cli/training/sensitivity-table.ts";
import { ageText, errorText, starText } from "../../src/cli/training/texts.ts";
import { drawHeatmap } from "../../src/report/figures/heatmap.ts";
import { drawCurves } from "../../src/report/figures/lines.ts";
import { standalone } from "../../src/report/figures/palette.ts";
import { ISO_ACCURATE } from "../../src/training/metric/normalised-accuracy.ts";
import { nonideality } from "../../src/training/tolerance/nonidealities.ts";
import { VERSIONS, type Version } from "../../src/training/trials/trials.ts";
import { section } from "../study/markdown.ts";
import { costSection } from "./costs.ts";
import type { Findings } from "./measure.ts";
import { type Extent, NETWORKS, PLACEMENTS } from "./plan.ts";

export function writeResults(out: string, all: readonly Findings[], extent: Extent): void {
  const found = all.filter(({ scale }) => scale !== null);
  const write = (file: string, text: string): void => writeFileSync(join(out, file), text);
  const tables = [
    "# Hardware-aware training: tables",
    timeTable(found, extent),
    placementTable(found),
    toleranceTable(found, extent),
    equalTable(found, extent),
    ...found.map((own) => detailTable(own)),
    besideTable(found, extent),
    costSection(),
  ];
  write(
    "tables.md",
    `${tables
      .filter((text) => text !== "")
      .join("\n\n")
      .trimEnd()}\n`,
  );
  for (const version of VERSIONS) {
    const svg = timeFigure(found, version);
    if (svg !== null) write(`over-time-${version}.svg`, svg);
  }
  const heat = equalFigure(found, extent);
  if (heat !== null) write("equal-error.svg", heat);
}

const titleOf = ({ name }: Findings): string => NETWORKS[name].title;

function timeTable(found: readonly Findings[], { seeds }: Extent): string {
  const ages = [...new Set(found.flatMap(({ overTime }) => overTime.map(({ age_s }) => age_s)))];
  const rows = found.flatMap((own) =>
    VERSIONS.map((version) => {
      const at = (age_s: number) =>
        own.overTime.find((r) => r.version === version && r.age_s === age_s);
      const { measure } = own.subject;
      const hour = at(3600);
      return [
        titleOf(own),
        errorText(measure, own.scale!.digital),
        errorText(measure, own.scale!.chance),
        version,
        hour ? errorText(measure, hour.error) : "-",
        ...ages.map((age_s) => (at(age_s) ? starText(at(age_s)!.normalised) : "-")),
        hour ? (hour.normalised.mean > ISO_ACCURATE ? "yes" : "no") : "-",
      ];
    }),
  );
  const head = [
    ...["network", "digital error", "chance", "version", "error, 1 hour"],
    ...ages.map((age_s) => `A*, ${ageText(age_s)}`),
    "iso-accurate",
  ];
  const note = `A* = 1 - (error - digital) / (chance - digital), in percent: mean ± standard error over ${seeds.time} programmings of the same seeds. Iso-accurate: A* after 1 hour above 99 %. Drift compensation: one factor per crossbar.`;
  return section("## Iso-accuracy over time", head, rows, note);
}

/** Each row: the same chip, so the same cost, with and without training. */
function placementTable(found: readonly Findings[]): string {
  const rows = found.flatMap((own) =>
    PLACEMENTS.flatMap((placement) => {
      const [direct, trained] = VERSIONS.map(
        (version) =>
          own.placed.find((p) => p.version === version && p.placement === placement)?.normalised,
      );
      if (direct === undefined || trained === undefined) return [];
      const gain = pairedDifference(direct, trained);
      return [
        [
          titleOf(own),
          placement,
          starText(estimate(direct)),
          starText(estimate(trained)),
          starText(gain),
          gain.pValue === null ? "-" : gain.pValue.toPrecision(2),
          direct.length,
        ],
      ];
    }),
  );
  const head = ["model", "placement", "direct", "hardware-aware", "gain", "p", "programmings"];
  const note =
    "A* after 1 hour. A row is one placement, so one chip and one cost; attention, LM head and shared experts are digital in all of them, and the share says how much of the expert weights is as well. Rules see the model as it came. p: paired t test over programmings.";
  return section("## Training and placement", head, rows, note);
}

function toleranceTable(found: readonly Findings[], { names, seeds }: Extent): string {
  const columns = found.flatMap((own) => VERSIONS.map((version) => ({ own, version })));
  const rows = names.map((name) => [
    name,
    nonideality(name).unit,
    ...columns.map(({ own, version }) => {
      const s = own.sensitivities.find((x) => x.name === name && x.version === version);
      return s === undefined ? "" : toleranceText(s.tolerance);
    }),
  ]);
  const head = [
    "nonideality",
    "unit",
    ...columns.map(({ own, version }) => `${titleOf(own)}, ${version}`),
  ];
  const note = `The largest value (the fewest bits) at which A* is above 99 %, each nonideality alone, ${seeds.tolerance} programmings per value, read after 1 hour. In brackets: where A* less, and plus, one standard error passes 99 %. "beyond": the whole range that was tried passes.`;
  return section("## Sensitivity: tolerance of each nonideality alone", head, rows, note);
}

function equalTable(found: readonly Findings[], { names, seeds }: Extent): string {
  const columns = found.flatMap((own) => VERSIONS.map((version) => ({ own, version })));
  const rows = names.flatMap((name) => {
    const cells = columns.map(({ own, version }) =>
      own.sensitivities.find((x) => x.name === name && x.version === version),
    );
    const at = cells.find((s) => s?.atEqualError)?.atEqualError;
    if (!at) return [];
    return [
      [
        name,
        `${plain(at.value)} (${(100 * at.error).toFixed(0)} %)`,
        ...cells.map((s) => (s?.atEqualError ? starText(s.atEqualError.normalised) : "-")),
      ],
    ];
  });
  const head = [
    "nonideality",
    "value (error of the product)",
    ...columns.map(({ own, version }) => `${titleOf(own)}, ${version}`),
  ];
  const note = `A* when each nonideality alone makes a product of 512 x 512 normal weights and normal inputs wrong by 20 % (bits: by as near as they come), ${seeds.equal} programmings.`;
  return section("## Sensitivity: A* at equal error of the product", head, rows, note);
}

function detailTable(own: Findings): string {
  const head = [...SENSITIVITY_HEAD];
  return own.sensitivities.length === 0
    ? ""
    : section(`### ${titleOf(own)}`, head, sensitivityRows(own.sensitivities));
}

function besideTable(found: readonly Findings[], { names, seeds }: Extent): string {
  const shown = found.filter(({ beside }) => beside.length > 0);
  if (shown.length === 0) return "";
  const rows = names.map((name) => [
    name,
    nonideality(name).unit,
    ...shown.map(({ beside }) => {
      const s = beside.find((x) => x.name === name);
      return s === undefined ? "" : toleranceText(s.tolerance);
    }),
  ]);
  const head = ["nonideality", "unit", ...shown.map(titleOf)];
  const note = `As above, but with all other nonidealities of the tile on as the arch has them, hardware-aware networks only, ${seeds.tolerance} programmings. "none": already below 99 % at the mildest value.`;
  return section("## Sensitivity beside the tile's other nonidealities", head, rows, note);
}

const WIDTH = 720;

function timeFigure(found: readonly Findings[], version: Version): string | null {
  const curves = found
    .map((own) => ({
      name: titleOf(own),
      points: own.overTime
        .filter((row) => row.version === version)
        .map(({ age_s, normalised }) => ({
          x: age_s,
          y: 100 * normalised.mean,
          error: 100 * (normalised.sem ?? 0),
        })),
    }))
    .filter(({ points }) => points.length > 0);
  if (curves.length === 0) return null;
  const svg = drawCurves(
    {
      summary: `Normalised accuracy over time, ${version}`,
      curves,
      xTitle: "seconds since programming",
      yTitle: `A*, percent, ${version}`,
      xFormat: (x) => (x >= 1e4 ? x.toExponential(0).replace("+", "") : String(x)),
      yFormat: (y) => y.toFixed(1),
      isLogX: true,
    },
    WIDTH,
  );
  return `${standalone(svg)}\n`;
}

/** Fits above a column. */
const shortName = (name: string): string =>
  name
    .replace("programming_noise", "programming")
    .replace("accumulated_read_noise", "1/f noise")
    .replaceAll("_", " ");

function equalFigure(found: readonly Findings[], { names }: Extent): string | null {
  const rows = found.flatMap((own) => VERSIONS.map((version) => ({ own, version })));
  const values = rows.map(({ own, version }) =>
    names.map((name) => {
      const s = own.sensitivities.find((x) => x.name === name && x.version === version);
      return s?.atEqualError ? 100 * Math.max(0, s.atEqualError.normalised.mean) : null;
    }),
  );
  if (values.flat().every((value) => value === null)) return null;
  const svg = drawHeatmap(
    {
      summary: "A* of each network under each nonideality at equal error of the product",
      rows: rows.map(({ own, version }) => `${titleOf(own)}, ${version}`),
      cols: names.map(shortName),
      values,
      format: (value) => value.toFixed(0),
      axis: "A*, percent, at an error of the product of 20 %",
    },
    1100,
  );
  return `${standalone(svg)}\n`;
}
