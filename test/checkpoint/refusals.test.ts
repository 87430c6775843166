import { describe, expect, test } from "vitest";
import { openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { checkpointFiles } from "../../src/cli/files.ts";
import { InputError } from "../../src/model/issue.ts";
import type { Workload } from "../../src/model/workload.ts";
import { tinyWorkload } from "../transformer/tiny-models.ts";
import { f32, memoryFiles, type NewTensor, oneFile, u8 } from "./memory-files.ts";
import {
  expertMatrices,
  HIDDEN,
  routerTensor,
  separateExperts,
  sharedTensors,
  smallWorkload,
  WIDTH,
} from "./small-model.ts";

const workload = smallWorkload("olmoe");
const good = (): Record<string, NewTensor> => ({
  ...sharedTensors(workload),
  ...routerTensor(workload, "mlp.gate.weight"),
  ...separateExperts(workload, "mlp", { gate: "gate_proj", up: "up_proj", down: "down_proj" }),
});
const UP_1 = "model.layers.0.mlp.experts.1.up_proj.weight";

async function errorOf(promise: Promise<unknown>): Promise<InputError> {
  const error = await promise.then(
    () => new Error("no error"),
    (e: unknown) => e,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
}
const openError = (tensors: Record<string, NewTensor>, w: Workload = workload) =>
  errorOf(openCheckpoint(oneFile(tensors), w, "ckpt"));

describe("contradictions to the config", () => {
  test("a missing tensor, with the names it may have", async () => {
    const tensors = good();
    delete tensors[UP_1];
    expect((await openError(tensors)).message).toBe(
      `ckpt#/${UP_1}: found no such tensor; allowed: a tensor of shape [${WIDTH}, ${HIDDEN}]\n` +
        "  hint: model.layers.0.mlp.experts.gate_up_proj would do as well",
    );
  });

  test("a transposed tensor", async () => {
    const tensors = { ...good(), [UP_1]: f32([HIDDEN, WIDTH], new Float32Array(HIDDEN * WIDTH)) };
    expect((await openError(tensors)).message).toBe(
      `ckpt#/${UP_1}/shape: found [${HIDDEN}, ${WIDTH}]; allowed: [${WIDTH}, ${HIDDEN}], by the config`,
    );
  });

  test("a flat tensor of the right size", async () => {
    const tensors = { ...good(), [UP_1]: f32([HIDDEN * WIDTH], new Float32Array(HIDDEN * WIDTH)) };
    expect((await openError(tensors)).message).toContain(`found [${HIDDEN * WIDTH}]`);
  });

  test("a type that weights cannot have", async () => {
    const tensors = { ...good(), [UP_1]: u8([WIDTH, HIDDEN], new Uint8Array(WIDTH * HIDDEN)) };
    expect((await openError(tensors)).message).toBe(
      `ckpt#/${UP_1}/dtype: found U8; allowed: F64, F32, F16, BF16, F8_E4M3, I8`,
    );
  });

  test("all at once, alike ones together", async () => {
    const tensors = good();
    delete tensors["model.norm.weight"];
    const more = { ...workload, moe: { ...workload.moe, expert_features: WIDTH + 1, experts: 5 } };
    const { issues } = await openError(tensors, more);
    expect(issues.map(({ pointer, found, hint }) => [pointer, found, hint])).toEqual([
      ["/model.layers.0.mlp.gate.weight/shape", "[3, 64]", undefined],
      [
        "/model.layers.0.mlp.experts.0.gate_proj.weight/shape",
        "[32, 64]",
        "2 more tensors of other layers or experts alike",
      ],
      [
        "/model.layers.0.mlp.experts.0.up_proj.weight/shape",
        "[32, 64]",
        "2 more tensors of other layers or experts alike",
      ],
      [
        "/model.layers.0.mlp.experts.0.down_proj.weight/shape",
        "[64, 32]",
        "2 more tensors of other layers or experts alike",
      ],
      ...["gate", "up", "down"].map((part) => [
        `/model.layers.0.mlp.experts.3.${part}_proj.weight`,
        "no such tensor",
        `model.layers.0.mlp.experts.${part === "down" ? "down" : "gate_up"}_proj would do as well; ` +
          "1 more tensors of other layers or experts alike",
      ]),
      ["/model.norm.weight", "no such tensor", undefined],
    ]);
  });

  test("a family whose names are not known", async () => {
    const error = await openError(good(), { ...workload, family: "jetmoe" });
    expect(error.message).toContain(
      'workload small-olmoe#/family: found "jetmoe"; allowed: checkpoints of',
    );
  });

  test("the checkpoint of one model with the config of the other", async () => {
    const files = checkpointFiles("workloads/tiny-olmoe");
    const { issues } = await errorOf(
      openCheckpoint(files, tinyWorkload("tiny-deepseekmoe"), "workloads/tiny-olmoe"),
    );
    expect(issues.map(({ pointer }) => pointer)).toEqual([
      "/model.layers.0.mlp.gate_proj.weight",
      "/model.layers.0.mlp.up_proj.weight",
      "/model.layers.0.mlp.down_proj.weight",
      "/model.layers.1.mlp.shared_experts.gate_proj.weight",
      "/model.layers.1.mlp.shared_experts.up_proj.weight",
      "/model.layers.1.mlp.shared_experts.down_proj.weight",
    ]);
  });
});

describe("MXFP4", () => {
  const gptOss = smallWorkload("gpt_oss");
  const part = (stem: string, shape: readonly number[]): Record<string, NewTensor> => ({
    [`model.layers.0.mlp.experts.${stem}`]: u8(
      shape,
      new Uint8Array(shape.reduce((product, n) => product * n, 1)),
    ),
  });
  const tensors = (): Record<string, NewTensor> => ({
    ...sharedTensors(gptOss),
    ...routerTensor(gptOss, "mlp.router.weight"),
    ...part("gate_up_proj_blocks", [3, 64, 2, 16]),
    ...part("gate_up_proj_scales", [3, 64, 2]),
    ...part("down_proj_blocks", [3, 64, 1, 16]),
    ...part("down_proj_scales", [3, 64, 1]),
  });

  test("is accepted in the right shapes", async () => {
    await openCheckpoint(oneFile(tensors()), gptOss, "ckpt");
  });

  test("scales are missing", async () => {
    const { "model.layers.0.mlp.experts.down_proj_scales": _, ...without } = tensors();
    expect((await openError(without, gptOss)).message).toBe(
      "ckpt#/model.layers.0.mlp.experts.down_proj_scales: found no such tensor; allowed: shape [3, 64, 1]",
    );
  });

  test("scales or blocks of another shape", async () => {
    const scales = { ...tensors(), ...part("down_proj_scales", [3, 64, 2]) };
    expect((await openError(scales, gptOss)).message).toContain(
      "found [3, 64, 2]; allowed: [3, 64, 1]",
    );
    const blocks = { ...tensors(), ...part("gate_up_proj_blocks", [3, 64, 2, 32]) };
    expect((await openError(blocks, gptOss)).message).toContain("allowed: [3, 64, 2, 16]");
  });

  test("a scale of NaN is refused when it is read", async () => {
    const scales = u8([3, 64, 1], new Uint8Array(192).fill(255, 70, 71));
    const checkpoint = await openCheckpoint(
      oneFile({ ...tensors(), "model.layers.0.mlp.experts.down_proj_scales": scales }),
      gptOss,
      "ckpt",
    );
    const down = expertMatrices(gptOss).filter((m) => m.part === "down");
    await checkpoint.matrix(down[0]!);
    expect((await errorOf(checkpoint.matrix(down[1]!))).message).toContain(
      "down_proj_blocks: found NaN at output 6, input 0 of expert 1; allowed: finite numbers",
    );
  });
});

describe("numbers that are not", () => {
  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    "%d is refused with its place",
    async (bad) => {
      const values = new Float32Array(WIDTH * HIDDEN);
      values[5 * HIDDEN + 7] = bad;
      const files = oneFile({ ...good(), [UP_1]: f32([WIDTH, HIDDEN], values) });
      const checkpoint = await openCheckpoint(files, workload, "ckpt");
      const up = expertMatrices(workload).find((m) => m.expert === 1 && m.part === "up")!;
      const message =
        `ckpt/model.safetensors#/${UP_1}: found ${bad} at output 5, input 7; ` +
        "allowed: finite numbers (within the range of float32)";
      expect((await errorOf(checkpoint.matrix(up))).message).toBe(message);
      expect((await errorOf(checkpoint.matrixRows(up, 4, 6))).message).toBe(message);
      await checkpoint.matrixRows(up, 6, WIDTH);
    },
  );

  test("a double beyond float32", async () => {
    const ones = new Float64Array(HIDDEN).fill(1);
    ones[3] = 1e39;
    const norm: NewTensor = { dtype: "F64", shape: [HIDDEN], bytes: new Uint8Array(ones.buffer) };
    const files = oneFile({ ...good(), "model.norm.weight": norm });
    const checkpoint = await openCheckpoint(files, workload, "ckpt");
    expect((await errorOf(checkpoint.vector("final-norm", -1))).message).toContain(
      "model.norm.weight: found Infinity at output 3",
    );
  });
});

test("a folder without weights", async () => {
  const error = await errorOf(openCheckpoint(memoryFiles({}), workload, "ckpt"));
  expect(error.message).toContain("ckpt: found an empty folder");
});

test("asking for a vector that the model does not have is a bug of the caller", async () => {
  const checkpoint = await openCheckpoint(oneFile(good()), workload, "ckpt");
  await expect(checkpoint.vector("sinks", 0)).rejects.toThrow("no sinks in layer 0");
});
