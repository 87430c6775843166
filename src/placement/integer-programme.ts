/** The solver of integer programmes. */
import type { Affine, IntegerProgramme } from "../model/integer-programme.ts";

type HighsModule = Awaited<typeof import("highs")>;

export type ProgrammeResult =
  | {
      readonly isFeasible: true;
      /** [variables] */
      readonly values: Float64Array;
      /** No answer is smaller. */
      readonly lowerBound: number;
    }
  | {
      readonly isFeasible: false;
      /** false: the search ended before anything was found. */
      readonly isProven: boolean;
    };

/** Same programme, same answer: it is stopped by a count of nodes, never by a clock. */
export type ProgrammeSolver = (programme: IntegerProgramme) => ProgrammeResult;

/** Nodes of the search tree; beyond that the answer has a gap. */
export const MOST_NODES = 2000;
/** An answer is taken for the best when no other can be better by this share. */
const RELATIVE_GAP = 1e-4;

/**
 * HiGHS, in WebAssembly.
 *
 * @source Huangfu, Hall, "Parallelizing the dual revised simplex method", 2018, DOI
 *   10.1007/s12532-017-0130-5.
 */
export async function loadSolver(): Promise<ProgrammeSolver> {
  // Its types describe the CommonJS build; what is imported here is the ESM one.
  const { default: load } = (await import("highs")) as unknown as HighsModule;
  const highs = await load();
  const { modelStatus: status, solutionStatus } = highs.constants;
  return (programme) =>
    highs.withModel((model): ProgrammeResult => {
      model.options.set({
        output_flag: false,
        mip_max_nodes: MOST_NODES,
        mip_rel_gap: RELATIVE_GAP,
        mip_abs_gap: 0,
        random_seed: 1,
      });
      model.passModel(modelData(programme, highs.infinity));
      const { modelStatus } = model.run();
      if (modelStatus === status.infeasible) return { isFeasible: false, isProven: true };
      if (model.info.get("primal_solution_status") !== solutionStatus.feasible)
        return { isFeasible: false, isProven: false };
      const unit = largestOf(programme.objective);
      return {
        isFeasible: true,
        values: model.getSolution().colValue,
        lowerBound: Number(model.info.get("mip_dual_bound")) * unit + programme.objective.constant,
      };
    });
}

function modelData({ variables, rows, objective }: IntegerProgramme, infinity: number) {
  const colCost = new Float64Array(variables.length);
  const unit = largestOf(objective);
  for (const [variable, coefficient] of objective.terms) colCost[variable] = coefficient / unit;
  const starts = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const rowLower: number[] = [];
  for (const row of rows) {
    const largest = largestOf(row);
    for (const [variable, coefficient] of row.terms) {
      indices.push(variable);
      values.push(coefficient / largest);
    }
    starts.push(indices.length);
    rowLower.push(-row.constant / largest);
  }
  return {
    numCols: variables.length,
    numRows: rows.length,
    colCost,
    colLower: variables.map(({ least }) => least),
    colUpper: variables.map(({ most }) => most),
    rowLower,
    rowUpper: rows.map(() => infinity),
    integrality: Int32Array.from(variables, ({ isWhole }) => (isWhole ? 1 : 0)),
    matrix: {
      format: "csr" as const,
      numRows: rows.length,
      numCols: variables.length,
      starts,
      indices,
      values,
    },
  };
}

/** The solver's tolerances are absolute: the largest coefficient of a sum becomes 1. */
function largestOf({ terms }: Affine): number {
  let largest = 0;
  for (const coefficient of terms.values()) largest = Math.max(largest, Math.abs(coefficient));
  return largest === 0 ? 1 : largest;
}
