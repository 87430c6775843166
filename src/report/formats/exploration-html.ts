import type { Exploration } from "../../model/exploration.ts";
import { formatNamed, plain } from "../figures/fields.ts";
import { drawCurves } from "../figures/lines.ts";
import { drawScatter } from "../figures/scatter.ts";
import type { Chart } from "../page/chart.ts";
import { renderDocument } from "../page/document.ts";
import { details, figure, paragraph, section, table } from "../page/markup.ts";

/** The page of an exploration, in the style of a report's. */
export function renderExploration(data: Exploration): string {
  const { counts } = data;
  const sections = [
    ["front", "Front", frontSection(data)],
    ["points", "All points", pointsSection(data)],
    ["search", "Search", searchSection(data)],
    ["inputs", "Inputs", inputsSection(data)],
  ] as const;
  return renderDocument({
    title: `${data.name}: ${counts.front_points} of ${plain(counts.screened_points)} designs on the front`,
    meta: `ohmoe ${data.version} · ${data.inputs.workload.name} on ${data.inputs.arch.name} · screening ${data.screening.level}, accuracy ${data.screening.accuracy}`,
    lead: leadSentence(data),
    sections: sections.map(([, , content]) => content),
    contents: sections.filter(([, , content]) => content !== "").map(([id, title]) => [id, title]),
    data,
  });
}

function leadSentence({ front, objectives }: Exploration): string {
  const parts = objectives.flatMap(({ name, direction }) => {
    const sign = direction === "minimise" ? 1 : -1;
    const best = front
      .filter((point) => typeof point.objectives[name] === "number")
      .sort((a, b) => sign * ((a.objectives[name] as number) - (b.objectives[name] as number)))[0];
    if (best === undefined) return [];
    const at = Object.entries(best.variables).map(
      ([variable, value]) => `${variable} ${shown(value)}`,
    );
    return [
      `best ${name}: ${formatNamed(name, best.objectives[name] as number)} at ${at.join(", ")}`,
    ];
  });
  const text = parts.join("; ");
  return text === ""
    ? "No design of the space can run."
    : `${text[0]!.toUpperCase()}${text.slice(1)}.`;
}

const shown = (value: unknown, name = ""): string =>
  typeof value === "number"
    ? formatNamed(name, value)
    : value === null || value === undefined
      ? "-"
      : String(value);

/** Rows of the front that the table shows; the data hold all. */
const MOST_ROWS = 200;
/** Rows of it that are in view. */
const FIRST_ROWS = 12;

function frontSection({ front, variables, objectives }: Exploration): string {
  const heads = [
    "Point",
    "Stage",
    ...variables.map((v) => v.name),
    ...objectives.map((o) => o.name),
    "Within noise of",
  ];
  const rows = front.slice(0, MOST_ROWS).map((point) => [
    `${point.index}`,
    point.stage,
    ...variables.map(({ name }) => shown(point.variables[name])),
    ...objectives.map(({ name }) => {
      const error = point.objectives_sem[name];
      const value = shown(point.objectives[name], name);
      return error === null || error === undefined
        ? value
        : `${value} ± ${formatNamed(name, error)}`;
    }),
    point.within_noise_of.join(", ") || "-",
  ]);
  const more =
    front.length > MOST_ROWS
      ? paragraph(`${front.length - MOST_ROWS} more are in the data.`, "note")
      : "";
  const chart = frontChart({ front, objectives });
  return section(
    "front",
    "Front",
    `${chart === null ? "" : `<div class="nojs">${figure(chart)}</div>`}${table("Points of the front", heads, rows.slice(0, FIRST_ROWS))}${rows.length > FIRST_ROWS ? details(`${rows.length - FIRST_ROWS} more`, table("More points of the front", heads, rows.slice(FIRST_ROWS))) : ""}${more}`,
  );
}

/** The first two objectives. */
function frontChart({
  front,
  objectives,
}: Pick<Exploration, "front" | "objectives">): Chart | null {
  const [x, y] = objectives;
  if (x === undefined || y === undefined) return null;
  const points = front
    .filter(
      (p) => typeof p.objectives[x.name] === "number" && typeof p.objectives[y.name] === "number",
    )
    .map((p) => ({
      name: `${p.index}`,
      x: p.objectives[x.name] as number,
      y: p.objectives[y.name] as number,
      xError: p.objectives_sem[x.name] ?? null,
      yError: p.objectives_sem[y.name] ?? null,
      size: 0.1,
      isDominated: false,
      title: `point ${p.index}`,
    }));
  if (points.length === 0) return null;
  return {
    id: "front",
    title: `${y.name} over ${x.name}, points of the front`,
    draw: (width) =>
      drawScatter(
        {
          summary: `${y.name} over ${x.name} of ${points.length} points of the front`,
          points,
          xTitle: x.name,
          yTitle: y.name,
          xFormat: (value) => formatNamed(x.name, value),
          yFormat: (value) => formatNamed(y.name, value),
        },
        width,
      ),
  };
}

function pointsSection({ points }: Exploration): string {
  const text = `${plain(points.length)} points: survivors, and an even sample of those screened. A line is a point, orange ones are on the front. Drag along an axis to keep a range of it; the plot below shows the same points.`;
  const none = paragraph(
    "With JavaScript on, this page draws all points; the front above needs none.",
    "note nojs",
  );
  return section(
    "points",
    "All points",
    `${paragraph(text)}${none}<div class="js" id="exploration-live"></div>`,
  );
}

function searchSection({ search, counts, hypervolume, failures, notes }: Exploration): string {
  const settings = Object.entries({ ...search, ...counts })
    .filter(([name]) => name !== "note")
    .map(([name, value]) => [name, shown(value)]);
  const failed = failures.map(({ error, rows_count, example_index }) => [
    error,
    `${rows_count}`,
    `${example_index}`,
  ]);
  const trace = hypervolume?.trace ?? [];
  const chart: Chart = {
    id: "hypervolume",
    title: "Dominated volume over evaluations",
    draw: (width) =>
      drawCurves(
        {
          summary:
            "Share of the box between best and worst that the front dominates, over screened points",
          curves: [
            {
              name: "hypervolume",
              points: trace.map((t) => ({
                x: t.evaluations_count,
                y: t.hypervolume_frac,
                error: 0,
              })),
            },
          ],
          xTitle: "screened points",
          yTitle: "dominated share",
          xFormat: plain,
          yFormat: plain,
          isLogX: false,
        },
        width,
      ),
  };
  return section(
    "search",
    "Search",
    `${trace.length > 1 ? figure(chart) : ""}${table("Search", ["Setting", "Value"], settings, "text")}${failed.length > 0 ? `<h3>Failures</h3>${table("Failures", ["Error", "Rows", "Example"], failed, "text")}` : ""}${notes.map((note) => paragraph(note, "note")).join("")}`,
  );
}

function inputsSection({ inputs, space_sha256, name, variables }: Exploration): string {
  const rows = [
    ["space", name, { text: space_sha256, kind: "hash" }],
    ...Object.entries(inputs).flatMap(([kind, input]) =>
      input === null || typeof input === "string" || input === undefined
        ? []
        : [[kind, input.name, { text: input.sha256, kind: "hash" }]],
    ),
  ];
  const fields = variables.map((v) => [
    v.name,
    v.pointers.join(", "),
    v.values.map((value) => shown(value)).join(", "),
  ]);
  return section(
    "inputs",
    "Inputs",
    table("Inputs", ["Input", "Name", "SHA-256"], rows, "text") +
      table("Variables", ["Variable", "Field", "Values"], fields, "text"),
  );
}
