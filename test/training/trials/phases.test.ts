import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Phase } from "../../../src/cli/training/phase.ts";
import { runPhase, stateFile } from "../../../src/cli/training/run-phase.ts";
import { InputError } from "../../../src/model/issue.ts";
import { DivergedError } from "../../../src/training/diverged.ts";
import type { TrainingState, TrainProgress } from "../../../src/training/session.ts";
import { decodeState, encodeState } from "../../../src/training/trials/state-file.ts";
import { emptyFolder } from "../../cli/ohmoe.ts";

const stateAt = (step: number, w: number): TrainingState => ({
  step,
  parameters: new Map([["w", Float32Array.of(w, -w)]]),
  ranges: new Map([["p", Float64Array.of(w / 3)]]),
  rangeBatches: new Map([["p", Int32Array.of(step)]]),
  moments: new Map([["w", { first: Float64Array.of(w, 1), second: new Float64Array(0) }]]),
});

/** w follows a recurrence that forgets nothing: any state that is not exact shows in the end. */
const next = (w: number): number => Math.fround(3.9 * w * (1 - w));

const STEPS = 47;
function phase(more: Partial<Phase> = {}, divergesAt = Number.POSITIVE_INFINITY): Phase {
  return {
    name: "digital",
    steps: STEPS,
    checkpoint_steps: 5,
    learningRate: { file: "spec.json", pointer: "/digital/learning_rate" },
    identity: "a",
    begin: () => stateAt(0, 0.3),
    *run(start, reportSteps): Iterable<TrainProgress> {
      let w = start.parameters.get("w")![0]!;
      for (let step = start.step; step < STEPS; step++) {
        if (step === divergesAt) throw new DivergedError(step, Number.NaN);
        w = next(w);
        const done = step + 1;
        if (done % reportSteps !== 0 && done < STEPS) continue;
        const point = {
          step: done,
          loss_nats: w,
          learning_rate: 1,
          noise_frac: 0,
          gradient_norm: 1,
        };
        const now = w;
        yield { ...point, state: () => stateAt(done, now) };
      }
    },
    ...more,
  };
}

const options = (folder: string, more = {}) => ({
  ...{ folder, resume: false, quiet: true, isStopped: () => false },
  ...more,
});

/** A function that says true the nth time. */
const stopAfter = (events: number) => {
  let asked = 0;
  return () => ++asked >= events;
};

describe("a phase", () => {
  test.each([1, 2, 7, 9])(
    "stopped after %i events and resumed is as if never stopped",
    async (n) => {
      const whole = await runPhase(phase(), options(emptyFolder()));
      const folder = emptyFolder();
      const part = await runPhase(phase(), options(folder, { isStopped: stopAfter(n) }));
      expect(part.isDone).toBe(false);
      const rest = await runPhase(phase(), options(folder, { resume: true }));
      expect(rest).toEqual(whole);
      expect(rest.curve.map(({ step }) => step)).toEqual([
        ...new Set(rest.curve.map(({ step }) => step)),
      ]);
    },
  );

  test("a finished one is read, not run", async () => {
    const folder = emptyFolder();
    const whole = await runPhase(phase(), options(folder));
    const never = phase({
      run: () => {
        throw new Error("ran");
      },
    });
    expect(await runPhase(never, options(folder, { resume: true }))).toEqual(whole);
  });

  test("what is there is neither overwritten nor mixed with another recipe", async () => {
    const folder = emptyFolder();
    await runPhase(phase(), options(folder));
    await expect(runPhase(phase(), options(folder))).rejects.toThrow(/--resume/);
    const other = runPhase(phase({ identity: "b" }), options(folder, { resume: true }));
    await expect(other).rejects.toThrow(/another recipe/);
  });
});

describe("divergence", () => {
  test("names the step and the last good state, which goes on", async () => {
    const folder = emptyFolder();
    const error = await runPhase(phase({}, 23), options(folder)).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    const [issue] = (error as InputError).issues;
    expect(issue!.pointer).toBe("/digital/learning_rate");
    expect(issue!.found).toContain("step 24");
    expect(issue!.hint).toContain(`after step 20, is in ${stateFile(folder, phase())}`);
    const mended = await runPhase(phase(), options(folder, { resume: true }));
    expect(mended).toEqual(await runPhase(phase(), options(emptyFolder())));
  });

  test("a loss that grows tenfold is one, even if it is a number", async () => {
    const grows = phase({
      *run() {
        for (const [i, loss_nats] of [2, 3, 21].entries())
          yield {
            step: 5 * (i + 1),
            loss_nats,
            learning_rate: 1,
            noise_frac: 0,
            gradient_norm: 1,
            state: () => stateAt(5, 1),
          };
      },
    });
    await expect(runPhase(grows, options(emptyFolder()))).rejects.toThrow(/loss 21 nats/);
  });
});

describe("state files", () => {
  const numbers = fc.array(fc.float({ noNaN: true }), { maxLength: 9 });

  test("whatever is written is read back, to the bit", () => {
    fc.assert(
      fc.property(fc.nat(), numbers, numbers, fc.jsonValue(), (step, a, b, more) => {
        const state: TrainingState = {
          step,
          parameters: new Map([
            ["a", Float32Array.from(a)],
            ["ä|b", Float32Array.from(b)],
          ]),
          ranges: new Map([["a", Float64Array.from(b)]]),
          rangeBatches: new Map([["a", Int32Array.of(step)]]),
          moments: new Map([["a", { first: Float64Array.from(a), second: Float64Array.from(b) }]]),
        };
        expect(decodeState(encodeState(state, more), "f")).toEqual({
          state,
          more: JSON.parse(JSON.stringify(more)),
        });
      }),
    );
  });

  test("a file that was cut off, or is none, is refused", () => {
    const bytes = encodeState(stateAt(3, 0.5), null);
    for (const length of [bytes.length - 1, 40, 0])
      expect(() => decodeState(bytes.subarray(0, length), "f.state")).toThrow(InputError);
    expect(() => decodeState(new TextEncoder().encode("{}\n"), "f.state")).toThrow(
      /training-state/,
    );
  });

  test("an interrupted save leaves the old state whole", async () => {
    const folder = emptyFolder();
    await runPhase(phase(), options(folder, { isStopped: stopAfter(3) }));
    const file = stateFile(folder, phase());
    const before = readFileSync(file);
    // What a save leaves behind that is killed before its end.
    writeFileSync(`${file}.0123456789ab.tmp`, before.subarray(0, 10));
    const whole = await runPhase(phase(), options(folder, { resume: true }));
    expect(whole).toEqual(await runPhase(phase(), options(emptyFolder())));
    expect(existsSync(join(folder, "digital.state"))).toBe(true);
  });
});
