/** A report about one thing only. */
import type { Report, ReportRow } from "../model/report.ts";

export const TOPICS = ["energy", "area", "latency", "accuracy"] as const;
export type TopicName = (typeof TOPICS)[number];

/** Fields of a row that belong to one topic; all others stay. */
const FIELDS = {
  energy: ["energy_pJ_per_token", "power_mW", "tokens_per_J", "prefill_energy_pJ"],
  area: [
    "area_mm2",
    "area_occupied_mm2",
    "tiles_used",
    "tiles_available",
    "crossbars_used",
    "crossbars_available",
    "cell_utilisation_frac",
  ],
  latency: [
    "prefill_latency_ns",
    "decode_latency_ns",
    "throughput_tokens_per_s",
    "analog_busy_frac",
  ],
  accuracy: [
    "nll_nats",
    "nll_sem_nats",
    "perplexity",
    "perplexity_sem",
    "next_token_accuracy_frac",
    "next_token_accuracy_sem",
    "accuracy_frac",
    "accuracy_sem",
    "predicted_nll_rise_nats",
    "kl_nats",
  ],
} as const satisfies Record<TopicName, readonly (keyof ReportRow)[]>;

/** Leaves out what belongs to other topics: their fields are null, their tables are not there. */
export function reduceTo(report: Report, topic: TopicName): Report {
  const others = TOPICS.filter((other) => other !== topic).flatMap((other) => [...FIELDS[other]]);
  const nothing = Object.fromEntries(others.map((field) => [field, null]));
  const has = (...topics: TopicName[]): boolean => topics.includes(topic);
  const { waiting, critical, diagnostics, accuracy_points, layers, experts, ...rest } = report;
  const { chip, floorplans, matrices, ...frame } = rest;
  return {
    ...frame,
    rows: report.rows.map((row) => ({
      ...row,
      ...nothing,
      notes: [...row.notes, `only ${topic}: the other fields are left out`],
    })),
    breakdown: report.breakdown.filter(({ phase }) =>
      phase === "chip" ? has("area") : has("energy"),
    ),
    paired: has("accuracy") ? report.paired : [],
    evidence: has("energy") ? report.evidence : [],
    ...(has("latency") && waiting && { waiting }),
    ...(has("latency") && critical && { critical }),
    ...(has("accuracy") && diagnostics && { diagnostics }),
    ...(has("accuracy") && accuracy_points && { accuracy_points }),
    ...(has("accuracy") && experts && { experts }),
    ...(has("energy") && layers && { layers }),
    ...(has("energy", "area") && chip && { chip }),
    ...(has("energy", "area") && floorplans && { floorplans }),
    ...(has("energy", "area") && matrices && { matrices }),
  };
}
