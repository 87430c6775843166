import { test } from "vitest";
import {
  TIMED_IR_DROP_DEFAULTS,
  timedIrDropForward,
} from "../../../src/numerics/periphery/timed-ir-drop.ts";
import { type Case, expectClose, matrixOf, named, readCases } from "./golden.ts";

/** A case of the artefact, which need not be matched: test/golden/aihwkit/README.md. */
const SKIPPED: Readonly<Record<string, string>> = {
  BitWise_irdrop_1_adcq_False:
    "besides the artefact the reference lacks the offset of the ADC's voltage in this one case",
};
const cases = readCases("23-irdrop-time-dependent.json");

function outputsOf(c: Case): Float32Array {
  const w = matrixOf(c.weights);
  const x = matrixOf(c.inputs);
  const crossbar = { weights: w.values, inputs: w.cols, outputs: w.rows };
  const y = new Float32Array(x.rows * w.rows);
  for (let row = 0; row < x.rows; row++)
    y.set(
      timedIrDropForward(
        { ...TIMED_IR_DROP_DEFAULTS, ...c.forward },
        { ...crossbar, rows: c.max_input_size, gMax_uS: c.g_max },
        x.values.subarray(row * x.cols, (row + 1) * x.cols),
      ),
      row * w.rows,
    );
  return y;
}

// README: 1e-4 of the output maximum.
test.each(named(cases.filter((c) => !(c.name in SKIPPED))))("%s", (_name, c) => {
  expectClose(outputsOf(c), c.outputs, { relative: 1e-4 });
});

for (const [name, reason] of Object.entries(SKIPPED)) test.skip(`${name}: ${reason}`, () => {});

test.each(["SplitMode", "BitWise"])(
  "%s: summed samples have no +4 %% or +49 %% artefact",
  (mode) => {
    const c = cases.find((one) => one.name === `${mode}_irdrop_1_adcq_False`);
    const forward = { ...c.forward, ir_drop_integration_sum: true, ir_drop: 1e-9 };
    const ideal = outputsOf({ ...c, forward: { ...forward, ir_drop: 0 } });
    const summed = outputsOf({ ...c, forward: { ...forward, ir_drop_v_read: 0.4 } });
    expectClose(summed, [...ideal], { relative: 1e-5 });
  },
);
