import { createPriceList } from "../../../src/cost/price.ts";
import { loadArch } from "../../cost/load-arch.ts";
import { rowsOf, type ValidationRow } from "../row.ts";

const OPS = 2 * 256 * 256;
const row = rowsOf("A3 IBM HERMES 64-core (Nature Electronics 2023)", 0.02);

function modeRows(
  preset: string,
  mode: string,
  expected: { readonly TOPS: number; readonly TOPS_per_W: number; readonly all_core_uJ: number },
): ValidationRow[] {
  const arch = loadArch(preset);
  const cores = arch.tiles[0]!.count;
  const mvm = createPriceList(arch).price({ kind: "mvm", tileKind: 0, rows: 256, cols: 256 });
  const mvm_pJ = mvm.charges.reduce((sum, { energy_pJ }) => sum + energy_pJ, 0);
  const fitted = {
    kind: "fitted" as const,
    remark: "MVM period and energy are derived from this figure",
  };
  return [
    row(
      `${mode}: peak throughput, 2 ops per 8-bit MAC`,
      "TOPS",
      expected.TOPS,
      (cores * OPS) / mvm.duration_ps,
      fitted,
    ),
    row(
      `${mode}: efficiency, 2 ops per 8-bit MAC`,
      "TOPS/W",
      expected.TOPS_per_W,
      OPS / mvm_pJ,
      fitted,
    ),
    row(`${mode}: an MVM on all cores`, "uJ", expected.all_core_uJ, (cores * mvm_pJ) / 1e6, {
      remark: "published apart from TOPS/W",
    }),
  ];
}

export const hermesRows: readonly ValidationRow[] = [
  ...modeRows("hermes-64core", "1-phase", { TOPS: 63.1, TOPS_per_W: 9.76, all_core_uJ: 0.86 }),
  ...modeRows("hermes-64core-4phase", "4-phase", {
    TOPS: 16.1,
    TOPS_per_W: 2.48,
    all_core_uJ: 3.38,
  }),
];
