/** The parts of a report that say what each place of the chip did; numbers cut to size. */
import type { Chip, ExpertMap, Floorplan } from "../model/chip-use.ts";
import type { CostEvaluation } from "../model/evaluation.ts";
import { matrixLabel, type WeightMatrix } from "../model/matrix.ts";
import type { Report } from "../model/report.ts";

/** Blocks that a report lists, over all placements; the floorplans beyond that leave theirs out. */
const MOST_BLOCKS = 100_000;

/** What does not come out of single evaluations. */
export interface ChipFrame {
  readonly chip: Chip;
  readonly matrices: readonly WeightMatrix[];
  readonly experts: Omit<ExpertMap, "placements" | "note">;
}

type Parts = Pick<Report, "chip" | "matrices" | "floorplans" | "layers" | "experts">;

export function chipUseParts(
  { chip, matrices, experts }: ChipFrame,
  evaluated: readonly { readonly name: string; readonly cost: CostEvaluation | null }[],
): Parts {
  const used = evaluated.flatMap(({ name, cost }) => (cost?.use ? [{ name, use: cost.use }] : []));
  if (used.length === 0) return {};
  let blocks = 0;
  const floorplans = used.map(({ name, use: { floorplan } }): Floorplan => {
    blocks += (floorplan.blocks ?? []).reduce((sum, own) => sum + own.length / 3, 0);
    return { placement: name, ...short(floorplan, blocks <= MOST_BLOCKS) };
  });
  return {
    chip,
    matrices: namedMatrices(matrices, floorplans),
    floorplans,
    layers: used.flatMap(({ name, use: { layers } }) =>
      (layers ?? []).map((row) => ({
        ...row,
        placement: name,
        components: row.components.map(({ component, energy_pJ }) => ({
          component,
          energy_pJ: energy_pJ.map(sixDigits),
        })),
      })),
    ),
    experts: {
      ...experts,
      placements: used.map(({ name, use: { digital_frac } }) => ({
        placement: name,
        digital_frac: digital_frac.map((row) => [...row]),
      })),
    },
  };
}

/** Sums of a phase agree to what tables show; files stay small. */
const sixDigits = (value: number): number => Number(value.toPrecision(6));

function short(
  floorplan: Omit<Floorplan, "placement" | "note">,
  withBlocks: boolean,
): Omit<Floorplan, "placement" | "note"> {
  return {
    ...floorplan,
    cells_frac: floorplan.cells_frac.map(sixDigits),
    busy_frac: floorplan.busy_frac.map(sixDigits),
    energy_pJ: floorplan.energy_pJ.map(sixDigits),
    density_mW_per_mm2: floorplan.density_mW_per_mm2.map(sixDigits),
    blocks: withBlocks ? floorplan.blocks : null,
  };
}

/** The matrices that blocks speak of. */
function namedMatrices(
  matrices: readonly WeightMatrix[],
  floorplans: readonly Floorplan[],
): NonNullable<Report["matrices"]> {
  const mapped = new Set<number>();
  for (const { blocks } of floorplans)
    for (const own of blocks ?? []) for (let i = 0; i < own.length; i += 3) mapped.add(own[i]!);
  return matrices
    .filter(({ id }) => mapped.has(id))
    .map((matrix) => ({
      matrix: matrix.id,
      name: matrixLabel(matrix),
      layer: matrix.layer,
      expert: matrix.expert,
      module: matrix.module,
      rows: matrix.inputs,
      cols: matrix.outputs,
    }));
}
