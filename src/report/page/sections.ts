/** The sections of a report page, in order. */
import type { Report } from "../../model/report.ts";
import { EVIDENCE } from "../../model/schema.ts";
import { unitOf } from "../columns.ts";
import { expertFields, expertTable } from "../figures/expert-map.ts";
import { plain, quantity } from "../figures/fields.ts";
import { FLOORPLAN_MODES } from "../figures/floorplan.ts";
import { escapeText } from "../figures/svg.ts";
import { energyByComponent } from "../summary.ts";
import { verdicts } from "../verdicts.ts";
import type { Charts } from "./charts.ts";
import { cellTextWide, PAGE_COLUMNS } from "./columns.ts";
import { details, figure, firstAndOthers, pairOf, paragraph, section, table } from "./markup.ts";

const figures = (charts: Charts[keyof Charts]): string =>
  charts.map((chart) => figure(chart)).join("");

/** Headline, table, what did not work. */
export function summarySection(report: Report): string {
  const cards = verdicts(report).map(
    ({ objective, winner, value, remark }) =>
      `<li><div class="objective">${escapeText(objective)}</div><strong>${escapeText(winner)}</strong><div class="value">${escapeText(value)}</div><div class="remark">${escapeText(remark)}</div></li>`,
  );
  const columns = PAGE_COLUMNS.filter(({ field }) =>
    report.rows.some((row) => row[field] !== null),
  );
  const rows = report.rows.map((row) => [
    { text: row.placement, kind: row.feasible ? "" : "infeasible" },
    ...columns.map((column) => cellTextWide(report.rows, row, column)),
  ]);
  const failed = report.rows
    .filter(({ feasible }) => !feasible)
    .map((row) => paragraph(`${row.placement} does not fit: ${row.infeasible_reason ?? ""}`));
  const notes = report.notes.map((note) => `<li>${escapeText(note)}</li>`).join("");
  return section(
    "summary",
    "Summary",
    `<ul class="verdicts">${cards.join("")}</ul>${table("All placements", ["Placement", ...columns.map(({ title }) => title)], rows)}${failed.join("")}<ul class="note">${notes}</ul>`,
  );
}

export function paretoSection(charts: Charts): string {
  if (charts.summary.length === 0) return "";
  return section(
    "pareto",
    "Trade-offs",
    `${paragraph("Full marks are placements that no other one beats in every field shown; hollow ones are beaten. Bars are one standard error over noise seeds.")}<div class="js" id="scatter"></div><div class="nojs">${figures(charts.summary)}</div>`,
  );
}

export function costSection(report: Report, charts: Charts): string {
  if (charts.cost.length === 0) return "";
  const [perLayer, whole] = [
    charts.cost.filter(({ id }) => id.startsWith("layers-")),
    charts.cost.filter(({ id }) => !id.startsWith("layers-")),
  ];
  const numbers = table(
    `Energy per ${unitOf(report)} by component`,
    ["Component", ...report.rows.map(({ placement }) => placement)],
    energyByComponent(report).map(({ component, cells }) => [component, ...cells.map(micro)]),
  );
  const area = report.breakdown.filter(
    (row) =>
      row.phase === "chip" && row.placement === report.rows.find((r) => r.feasible)?.placement,
  );
  const areas = table(
    "Area by component",
    ["Component", "Instances", "Area"],
    area.map((row) => [row.component, plain(row.count), `${plain(row.area_mm2 ?? 0)} mm²`]),
  );
  return section(
    "cost",
    "Energy and area",
    `${figures(whole.slice(0, 1))}${details(`Energy per ${unitOf(report)} as numbers`, numbers)}${pairOf(whole.slice(1))}${details("Area as numbers", area.length > 0 ? areas : "")}${firstAndOthers(perLayer)}`,
  );
}

const micro = (text: string): string => text.replace(/ u(?=\S)/, " µ");

export function timeSection(report: Report, charts: Charts): string {
  if (charts.time.length === 0) return "";
  const latencies = charts.time.filter(({ id }) => id === "prefill" || id === "decode");
  const paths = charts.time.filter(({ id }) => id !== "prefill" && id !== "decode");
  const time = (ns: number): string => quantity(ns * 1e-9, "s");
  const critical = table(
    "Critical path",
    ["Placement", "Phase", "Layer", "Work", "On", "Why the next op waited", "Time", "Ops"],
    largest(report.critical ?? [], (row) => row.time_ns, 60).map((row) => [
      row.placement,
      row.phase,
      row.layer < 0 ? "embedding, head" : `${row.layer}`,
      row.work,
      row.component,
      row.reason,
      time(row.time_ns),
      `${row.ops}`,
    ]),
  );
  const waiting = table(
    "Waiting",
    ["Placement", "Phase", "Reason", "For", "Waited", "Ops"],
    largest(report.waiting ?? [], (row) => row.waited_ns, 60).map((row) => [
      row.placement,
      row.phase,
      row.reason,
      row.component,
      time(row.waited_ns),
      `${row.ops}`,
    ]),
  );
  const why =
    paths.length === 0
      ? paragraph("No critical path: run again with --explain (level simulate).", "note")
      : pairOf(paths) +
        details("Critical path, largest parts", report.critical?.length ? critical : "") +
        details("Waiting, largest sums", report.waiting?.length ? waiting : "");
  return section("time", "Time", `${pairOf(latencies)}${why}`);
}

const largest = <T>(rows: readonly T[], of: (row: T) => number, most: number): T[] =>
  [...rows].sort((a, b) => of(b) - of(a)).slice(0, most);

export function floorplanSection(report: Report, charts: Charts): string {
  if (charts.floorplan.length === 0) return "";
  const text = `Tiles on their nodes, to scale but for the gaps between nodes; cores, memories and fixed parts below at the same scale. Diamonds are hubs, orange lines the bytes between neighbours. Colours can show ${Object.values(FLOORPLAN_MODES).join(", ")}.`;
  const numbers = table(
    "Tiles by placement",
    ["Placement", "Tiles used", "Mean busy", "Busiest", "Energy of tiles", "Hottest"],
    (report.floorplans ?? [])
      .filter(({ tiles }) => tiles.length > 0)
      .map((plan) => [
        plan.placement,
        `${plan.tiles.length}`,
        `${plain((100 * total(plan.busy_frac)) / Math.max(1, plan.tiles.length))} %`,
        `${plain(100 * greatest(plan.busy_frac))} %`,
        quantity(total(plan.energy_pJ) * 1e-12, "J"),
        `${plain(greatest(plan.density_mW_per_mm2))} mW/mm²`,
      ]),
  );
  return section(
    "floorplan",
    "Floorplan",
    `${paragraph(text)}<div class="js" id="floorplan-live"></div><div class="nojs">${firstAndOthers(charts.floorplan)}</div>${numbers}`,
  );
}

const total = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
const greatest = (values: readonly number[]): number => values.reduce((a, b) => Math.max(a, b), 0);

export function expertSection(report: Report, charts: Charts): string {
  if (charts.experts.length === 0 || report.experts === undefined) return "";
  const { layers } = report.experts;
  const numbers = expertFields(report)
    .filter(([what]) => what !== "digital" && what !== "snr")
    .map(([what, title]) => {
      const values = expertTable(report, what, "");
      return details(
        `${title} as numbers`,
        table(
          title,
          ["Layer", ...(values[0] ?? []).map((_, e) => `${e}`)],
          layers.map((layer, l) => [
            `${layer}`,
            ...(values[l] ?? []).map((v) => (v === null ? "" : plain(v))),
          ]),
        ),
      );
    });
  return section(
    "experts",
    "Experts",
    `${paragraph("Layer by expert. Load is counted over the whole run, prefill and decode.")}<div class="js" id="experts-live"></div><div class="nojs">${firstAndOthers(charts.experts)}</div>${numbers.join("")}`,
  );
}

export function accuracySection(report: Report, charts: Charts): string {
  if (charts.accuracy.length === 0 && report.paired.length === 0) return "";
  const pairs = table(
    "Paired differences of the loss",
    ["Placement", "Versus", "Difference of loss, nats", "Standard error", "p", "Significant"],
    report.paired.map((pair) => [
      pair.placement,
      pair.versus,
      plain(pair.nll_difference_nats),
      pair.nll_difference_sem_nats === null ? "-" : plain(pair.nll_difference_sem_nats),
      pair.p_value === null ? "-" : pair.p_value < 0.001 ? "< 0.001" : pair.p_value.toFixed(3),
      pair.significant ? "yes" : "no",
    ]),
  );
  const diagnosed = table(
    "Diagnoses of analog matrices",
    [
      "Matrix",
      "Placement",
      "SNR",
      "Error",
      "Clipped in",
      "Clipped out",
      "Drift factor",
      "Worst effect",
    ],
    largest(report.diagnostics ?? [], (row) => row.error_rms, 60).map((row) => [
      row.matrix,
      row.placement,
      `${row.snr_dB.toFixed(1)} dB`,
      `${plain(row.error_rms * 100)} %`,
      `${plain(row.clipped_inputs_frac * 100)} %`,
      row.clipped_outputs_frac === null ? "-" : `${plain(row.clipped_outputs_frac * 100)} %`,
      row.drift_factor.toFixed(3),
      [...row.effects].sort((a, b) => b.error_rms - a.error_rms)[0]?.effect ?? "-",
    ]),
  );
  return section(
    "accuracy",
    "Accuracy",
    figures(charts.accuracy) +
      details("Every two placements, paired over seeds", report.paired.length > 0 ? pairs : "") +
      details("Matrices with the largest errors", report.diagnostics?.length ? diagnosed : ""),
  );
}

export function evidenceSection(report: Report, charts: Charts): string {
  const order = [...EVIDENCE].reverse();
  const sources = [...report.sources].sort(
    (a, b) => order.indexOf(a.evidence) - order.indexOf(b.evidence),
  );
  const rows = (some: typeof sources) =>
    some.map(({ component, evidence, source, pointer }) => [component, evidence, source, pointer]);
  const heads = ["Component", "Evidence", "Source", "Place in the arch file"];
  const assumed = sources.filter(({ evidence }) => evidence === "assumed");
  const rest = sources.filter(({ evidence }) => evidence !== "assumed");
  return section(
    "evidence",
    "What the figures rest on",
    figures(charts.evidence) +
      (assumed.length > 0
        ? `<h3>Assumed constants</h3>${table("Assumed constants", heads, rows(assumed), "text")}`
        : paragraph("No constant is assumed.")) +
      details(
        "All other constants",
        rest.length > 0 ? table("Other constants", heads, rows(rest), "text") : "",
      ),
  );
}

export function inputsSection(report: Report): string {
  const { arch, workload, placements, checkpoint, text, calibration } = report.inputs;
  const inputs = [
    ["arch", arch],
    ["workload", workload],
    ...placements.map((placement) => ["placement", placement] as const),
    ["checkpoint", checkpoint],
    ["text", text],
    ["calibration text", calibration],
  ] as const;
  const rows = inputs.flatMap(([kind, input]) =>
    input === null ? [] : [[kind, input.name, { text: input.sha256, kind: "hash" }]],
  );
  const options = Object.entries(report.options)
    .filter(([, value]) => value !== null)
    .map(([name, value]) => [name, Array.isArray(value) ? value.join(", ") : String(value)]);
  const run = [
    ["version", `ohmoe ${report.version}`],
    ["level", report.level],
    ["numerics engine", report.kernel ?? "none"],
    ["seed", `${report.seed}`],
    ["noise seeds", `${report.seeds}`],
    ...options,
  ];
  return section(
    "inputs",
    "Inputs, and how to make this again",
    `<pre><code>${escapeText(report.command)}</code></pre>${table("Inputs", ["Input", "Name", "SHA-256"], rows, "text")}${details("Settings", table("Settings", ["Setting", "Value"], run, "text"))}`,
  );
}
