/** How inputs are applied and weights stored. */
export interface CrossbarUse {
  readonly input_bits: number;
  readonly bits_per_phase: number;
  /** Unit cells that hold one weight. */
  readonly slices: number;
}

/** Read phases of one MVM: 1 unless the inputs are bit-serial. */
export function readPhases(use: Pick<CrossbarUse, "input_bits" | "bits_per_phase">): number {
  return Math.ceil(use.input_bits / use.bits_per_phase);
}

/**
 * Times of one MVM on a crossbar whose samples are held while the next phase integrates.
 *
 * Phases follow each other at the slower of integration and conversion; the last conversion, the
 * merging of its result, and the moves from and to the buffers come on top.
 *
 * @source Shafiee et al., "ISAAC", ISCA 2016, figure 4 (the pipeline of a tile)
 */
export function mvmTimes_ns(stages: {
  readonly phases: number;
  readonly integration_ns: number;
  readonly conversion_ns: number;
  readonly merge_ns: number;
  readonly load_ns: number;
  readonly store_ns: number;
}): { readonly busy_ns: number; readonly latency_ns: number } {
  const { phases, integration_ns, conversion_ns, merge_ns, load_ns, store_ns } = stages;
  const phase_ns = Math.max(integration_ns, conversion_ns);
  return {
    busy_ns: Math.max(phases * phase_ns, load_ns, store_ns),
    latency_ns:
      load_ns + integration_ns + (phases - 1) * phase_ns + conversion_ns + merge_ns + store_ns,
  };
}
