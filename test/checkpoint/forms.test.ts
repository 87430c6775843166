import { describe, expect, test } from "vitest";
import { type Checkpoint, openCheckpoint } from "../../src/checkpoint/checkpoint.ts";
import { E2M1_VALUES, E4M3_VALUES } from "../../src/checkpoint/number-formats.ts";
import { matrixLabel, weightMatrices } from "../../src/model/matrix.ts";
import type { Workload } from "../../src/model/workload.ts";
import { f32, type NewTensor, oneFile, u8 } from "./memory-files.ts";
import { sameBits } from "./same-bits.ts";
import {
  cube,
  EXPERTS,
  expertMatrices,
  expertWeight,
  HIDDEN,
  routerTensor,
  separateExperts,
  sharedTensors,
  smallWorkload,
  WIDTH,
  weight,
  weightsOf,
} from "./small-model.ts";

type Tensors = Readonly<Record<string, NewTensor>>;
const open = (workload: Workload, tensors: Tensors): Promise<Checkpoint> =>
  openCheckpoint(oneFile({ ...sharedTensors(workload), ...tensors }), workload, "small");

const GATED = { gate: "gate_proj", up: "up_proj", down: "down_proj" };
const NUMBERED = { gate: "w1", up: "w3", down: "w2" };

/** [E][2I][h] with gate above up, and [E][h][I]. */
function mergedHalves(workload: Workload, gateUp: string, down: string): Tensors {
  const at = expertWeight(workload);
  return {
    [`model.layers.0.${gateUp}`]: f32(
      [EXPERTS, 2 * WIDTH, HIDDEN],
      cube(2 * WIDTH, HIDDEN, (e, row, col) =>
        row < WIDTH ? at(e, "gate", row, col) : at(e, "up", row - WIDTH, col),
      ),
    ),
    [`model.layers.0.${down}`]: f32(
      [EXPERTS, HIDDEN, WIDTH],
      cube(HIDDEN, WIDTH, (e, row, col) => at(e, "down", row, col)),
    ),
  };
}

/** gpt-oss in BF16: input-first, gate and up taking turns. */
function inputFirst(workload: Workload): Tensors {
  const at = expertWeight(workload);
  return {
    "model.layers.0.mlp.experts.gate_up_proj": f32(
      [EXPERTS, HIDDEN, 2 * WIDTH],
      cube(HIDDEN, 2 * WIDTH, (e, input, row) =>
        at(e, row % 2 === 0 ? "gate" : "up", Math.floor(row / 2), input),
      ),
    ),
    "model.layers.0.mlp.experts.down_proj": f32(
      [EXPERTS, WIDTH, HIDDEN],
      cube(WIDTH, HIDDEN, (e, input, row) => at(e, "down", row, input)),
    ),
  };
}

const merged5 = (workload: Workload) =>
  mergedHalves(workload, "mlp.experts.gate_up_proj", "mlp.experts.down_proj");

/** Family, form, router's name, experts. */
const FORMS: readonly (readonly [string, string, string, (w: Workload) => Tensors])[] = [
  ["olmoe", "separate", "mlp.gate.weight", (w) => separateExperts(w, "mlp", GATED)],
  ["olmoe", "merged", "mlp.gate.weight", merged5],
  ["qwen3_moe", "merged", "mlp.gate.weight", merged5],
  [
    "mixtral",
    "separate",
    "block_sparse_moe.gate.weight",
    (w) => separateExperts(w, "block_sparse_moe", NUMBERED),
  ],
  ["mixtral", "merged", "mlp.gate.weight", merged5],
  ["phimoe", "merged", "mlp.router.weight", merged5],
  [
    "granitemoe",
    "merged",
    "block_sparse_moe.router.layer.weight",
    (w) =>
      mergedHalves(
        w,
        "block_sparse_moe.input_linear.weight",
        "block_sparse_moe.output_linear.weight",
      ),
  ],
  ["gpt_oss", "input-first", "mlp.router.weight", inputFirst],
];

describe.each(FORMS)("%s, %s", (family, form, router, experts) => {
  test("every matrix is what was stored, whole and in rows", async () => {
    const workload = smallWorkload(family);
    const checkpoint = await open(workload, {
      ...routerTensor(workload, router),
      ...experts(workload),
    });
    expect(checkpoint.unusedTensors).toEqual([]);
    for (const matrix of weightMatrices(workload)) {
      const expected = weightsOf(matrix);
      expect(checkpoint.readsWhole(matrix)).toBe(
        form === "input-first" && matrix.module === "expert",
      );
      expect([matrixLabel(matrix), await checkpoint.matrix(matrix)]).toEqual([
        matrixLabel(matrix),
        expected,
      ]);
      const stored = matrix.module === "embedding" ? matrix.outputs : matrix.inputs;
      const rows = await checkpoint.matrixRows(matrix, 1, 3);
      expect(rows).toEqual(expected.slice(stored, 3 * stored));
    }
  });
});

test("an empty range of rows is empty", async () => {
  const workload = smallWorkload("olmoe");
  const checkpoint = await open(workload, {
    ...routerTensor(workload, "mlp.gate.weight"),
    ...merged5(workload),
  });
  for (const m of expertMatrices(workload))
    expect(await checkpoint.matrixRows(m, 2, 2)).toEqual(new Float32Array(0));
});

test("a tied head is the embedding", async () => {
  const workload = smallWorkload("olmoe", { tied_head: true });
  const { "lm_head.weight": _, ...shared } = sharedTensors(workload);
  const tensors = {
    ...shared,
    ...routerTensor(workload, "mlp.gate.weight"),
    ...merged5(workload),
  };
  const checkpoint = await openCheckpoint(oneFile(tensors), workload, "small");
  const [embedding, head] = [weightMatrices(workload)[0]!, weightMatrices(workload).at(-1)!];
  expect(await checkpoint.matrix(head)).toEqual(await checkpoint.matrix(embedding));
});

test("gpt-oss in MXFP4: interleaved rows, lower half of a byte first, a scale for 32 weights", async () => {
  const workload = smallWorkload("gpt_oss", {
    moe: { ...smallWorkload("gpt_oss").moe, expert_bias: true },
  });
  const nibble = (e: number, row: number, col: number) => (e * 5 + row * 3 + col * 7) % 16;
  const exponent = (e: number, row: number, group: number) => 120 + ((e + row + group * 2) % 9);
  const blocks = (rows: number, cols: number): NewTensor =>
    u8(
      [EXPERTS, rows, cols / 32, 16],
      cube(
        rows,
        cols / 2,
        (e, row, pair) => nibble(e, row, 2 * pair) + 16 * nibble(e, row, 2 * pair + 1),
      ),
    );
  const scales = (rows: number, cols: number): NewTensor =>
    u8([EXPERTS, rows, cols / 32], cube(rows, cols / 32, exponent));
  const bias = (rows: number): NewTensor =>
    f32(
      [EXPERTS, rows],
      cube(rows, 1, (e, row) => 100 * e + row),
    );
  const prefix = "model.layers.0.mlp.experts";
  const checkpoint = await open(workload, {
    ...routerTensor(workload, "mlp.router.weight"),
    [`${prefix}.gate_up_proj_blocks`]: blocks(2 * WIDTH, HIDDEN),
    [`${prefix}.gate_up_proj_scales`]: scales(2 * WIDTH, HIDDEN),
    [`${prefix}.gate_up_proj_bias`]: bias(2 * WIDTH),
    [`${prefix}.down_proj_blocks`]: blocks(HIDDEN, WIDTH),
    [`${prefix}.down_proj_scales`]: scales(HIDDEN, WIDTH),
    [`${prefix}.down_proj_bias`]: bias(HIDDEN),
  });
  const storedRow = {
    gate: (r: number) => 2 * r,
    up: (r: number) => 2 * r + 1,
    down: (r: number) => r,
  };
  for (const m of expertMatrices(workload)) {
    const row = storedRow[m.part as keyof typeof storedRow];
    const expected = Float32Array.from({ length: m.outputs * m.inputs }, (_, i) => {
      const [output, input] = [row(Math.floor(i / m.inputs)), i % m.inputs];
      const scale = 2 ** (exponent(m.expert, output, Math.floor(input / 32)) - 127);
      return E2M1_VALUES[nibble(m.expert, output, input)]! * scale;
    });
    expect(await checkpoint.matrix(m)).toEqual(expected);
    expect(await checkpoint.matrixRows(m, 5, 8)).toEqual(
      expected.slice(5 * m.inputs, 8 * m.inputs),
    );
  }
  expect([...(await checkpoint.vector("up-bias", 0, 2))].slice(0, 3)).toEqual([201, 203, 205]);
  expect([...(await checkpoint.vector("gate-bias", 0, 1))].slice(0, 3)).toEqual([100, 102, 104]);
  expect([...(await checkpoint.vector("down-bias", 0, 1))].slice(0, 2)).toEqual([100, 101]);
});

/** A model whose experts are wider than a block of 128, and no multiple of it. */
const wide = smallWorkload("deepseek_v3", {
  hidden_features: 200,
  moe: { ...smallWorkload("x").moe, expert_features: 130 },
});
const wideShared = (): Record<string, NewTensor> => {
  const ones = f32([200], new Float32Array(200).fill(1));
  return {
    ...sharedTensors(wide),
    "model.norm.weight": ones,
    "model.layers.0.input_layernorm.weight": ones,
    "model.layers.0.post_attention_layernorm.weight": ones,
    ...routerTensor(wide, "mlp.gate.weight"),
  };
};
const code = (id: number, i: number) => (id * 31 + i * 11) % 127;
const fp8 = (id: number, shape: readonly [number, number]): NewTensor => ({
  dtype: "F8_E4M3",
  shape,
  bytes: Uint8Array.from({ length: shape[0] * shape[1] }, (_, i) => code(id, i)),
});
const nameOf = (expert: number, part: string) =>
  `model.layers.0.mlp.experts.${expert}.${part}_proj.weight`;

test("FP8: one factor for each block of 128 x 128", async () => {
  const tensors = wideShared();
  const factor = (id: number, row: number, col: number) => id + 10 * row + 0.5 * col;
  for (const { id, expert, part, outputs, inputs } of expertMatrices(wide)) {
    tensors[nameOf(expert, part)] = fp8(id, [outputs, inputs]);
    tensors[`${nameOf(expert, part)}_scale_inv`] = f32(
      [2, 2],
      [factor(id, 0, 0), factor(id, 0, 1), factor(id, 1, 0), factor(id, 1, 1)],
    );
  }
  const checkpoint = await openCheckpoint(oneFile(tensors), wide, "wide");
  expect(checkpoint.unusedTensors).toEqual([]);
  for (const m of expertMatrices(wide)) {
    const expected = Float32Array.from({ length: m.outputs * m.inputs }, (_, i) => {
      const [row, col] = [Math.floor(i / m.inputs / 128), Math.floor((i % m.inputs) / 128)];
      return E4M3_VALUES[code(m.id, i)]! * factor(m.id, row, col);
    });
    expect(sameBits(await checkpoint.matrix(m), expected)).toBe(true);
    const tail = await checkpoint.matrixRows(m, 127, m.outputs);
    expect(sameBits(tail, expected.slice(127 * m.inputs))).toBe(true);
  }
});

describe("I8 and FP8 with `weight_scale`, and without", () => {
  const workload = smallWorkload("olmoe");
  const router = routerTensor(workload, "mlp.gate.weight");
  const int8 = (values: Float32Array, shape: readonly [number, number]): NewTensor => ({
    dtype: "I8",
    shape,
    bytes: new Uint8Array(Int8Array.from(values).buffer),
  });
  const experts = separateExperts(workload, "mlp", GATED, int8);
  const scaled = (factors: (outputs: number) => NewTensor): Tensors => {
    const scales = expertMatrices(workload).map((m) => [
      `${nameOf(m.expert, m.part)}_scale`,
      factors(m.outputs),
    ]);
    return { ...router, ...experts, ...Object.fromEntries(scales) };
  };

  test.each([
    [
      "one for each output",
      (n: number) =>
        f32(
          [n, 1],
          Array.from({ length: n }, (_, i) => i + 1),
        ),
      2,
    ],
    [
      "one for each output, as a list",
      (n: number) =>
        f32(
          [n],
          Array.from({ length: n }, (_, i) => i + 1),
        ),
      2,
    ],
    ["one for all", () => f32([1], [0.5]), 0.5],
    ["one for all, as a scalar", () => f32([], [0.25]), 0.25],
  ])("%s", async (_name, factors, second) => {
    const checkpoint = await open(workload, scaled(factors));
    const m = expertMatrices(workload)[4]!;
    const row = await checkpoint.matrixRows(m, 1, 2);
    expect([...row]).toEqual(Array.from(row, (_, input) => weight(m.id, 1, input) * second));
  });

  test("without a scale they are plain numbers", async () => {
    const checkpoint = await open(workload, { ...router, ...experts });
    const m = expertMatrices(workload)[2]!;
    expect(await checkpoint.matrix(m)).toEqual(weightsOf(m));
  });

  test("where others have a scale, none may lack it", async () => {
    const tensors: Record<string, NewTensor> = { ...scaled(() => f32([1], [0.5])) };
    delete tensors["model.layers.0.mlp.experts.1.up_proj.weight_scale"];
    await expect(open(workload, tensors)).rejects.toThrow(
      "experts.1.up_proj.weight: found I8 weights without a scale",
    );
  });

  test("a scale of another size is refused", async () => {
    await expect(
      open(
        workload,
        scaled(() => f32([2], [1, 1])),
      ),
    ).rejects.toThrow(
      "weight_scale/shape: found [2]; allowed: 1 factors (one) or 32 factors (rows)",
    );
  });
});
