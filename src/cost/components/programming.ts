/** What writing the weights of one crossbar takes. */
export interface ProgrammingSpec {
  /** Of one round of writing and verifying. */
  readonly crossbar_ns: number;
  readonly crossbar_pJ: number;
  /** Rounds until the weights are right; 1 where left out. */
  readonly iterations?: number;
}

/**
 * Time, energy and wear of one write: every round writes each device once more.
 *
 * @source program-and-verify as in Papandreou et al., "Programming algorithms for multilevel
 *   phase-change memory", ISCAS 2011
 */
export function crossbarWrite({ crossbar_ns, crossbar_pJ, iterations = 1 }: ProgrammingSpec): {
  readonly duration_ns: number;
  readonly energy_pJ: number;
  /** Writes of a device, of those that it endures. */
  readonly writes: number;
} {
  return {
    duration_ns: iterations * crossbar_ns,
    energy_pJ: iterations * crossbar_pJ,
    writes: iterations,
  };
}
