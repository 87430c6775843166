import { describe, expect, test } from "vitest";
import { InputError } from "../../src/model/issue.ts";
import type { Workload } from "../../src/model/workload.ts";
import { batchOf } from "../../src/transformer/batch.ts";
import { runModel } from "../../src/transformer/model.ts";
import { requireSupported, unsupported } from "../../src/transformer/supported.ts";
import { createWorkspace } from "../../src/transformer/workspace.ts";
import { plainDecoder, randomWeights, randomWindows, SMALL } from "./random-model.ts";

describe("models whose accuracy cannot be evaluated", () => {
  test.each(["mixtral", "deepseek_v3", "gpt_oss"])("family %s is refused by name", (family) => {
    const refuse = () => requireSupported({ ...SMALL, family });
    expect(refuse).toThrow(InputError);
    expect(refuse).toThrow(
      new RegExp(`found "${family}"; allowed: accuracy is available for olmoe, deepseek only`),
    );
    expect(refuse).toThrow(/latency, energy and area can be evaluated/);
  });

  test("every part that the forward pass lacks is named", () => {
    const odd = {
      ...SMALL,
      head_bias: true,
      norm: { kind: "layer", epsilon: 1e-6 },
      moe: { ...SMALL.moe, router: { ...SMALL.moe.router, renormalise: true } },
      attention: { ...SMALL.attention, head_features: 5, qk_norm: "head" },
    } as Workload;
    expect(unsupported(odd).map(({ pointer }) => pointer)).toEqual([
      "/norm/kind",
      "/head_bias",
      "/moe/router/renormalise",
      "/attention/qk_norm",
      "/attention/head_features",
    ]);
    expect(unsupported(SMALL)).toEqual([]);
  });
});

describe("mistakes of callers", () => {
  const decoder = plainDecoder(SMALL, randomWeights(SMALL, 1));
  const batch = batchOf(randomWindows(SMALL, [8, 8], 1));

  test("a batch that does not fit into the workspace", () => {
    expect(() => runModel(decoder, batch, createWorkspace(SMALL, 8, 8))).toThrow(/16 rows/);
    expect(() => runModel(decoder, batch, createWorkspace(SMALL, 16, 4))).toThrow(/8 tokens/);
  });

  test("a token that the vocabulary does not have", () => {
    const strange = batchOf([{ tokens: Int32Array.of(1, 37), firstRow: 0 }]);
    const space = createWorkspace(SMALL, 4, 4);
    expect(() => runModel(decoder, strange, space)).toThrow(/token 37/);
  });
});
