import { type Place, slice, whole } from "../place.ts";
import type { VectorKind } from "../vectors.ts";
import { decoderNames, type GatedPart } from "./decoder.ts";

/** Rows of gate and up take turns. */
const TAKE = { gate: "even", up: "odd", down: "all" } as const;
const TENSOR = {
  gate: "mlp.experts.gate_up_proj",
  up: "mlp.experts.gate_up_proj",
  down: "mlp.experts.down_proj",
} as const;

const BIASES: Partial<Readonly<Record<VectorKind, GatedPart>>> = {
  "gate-bias": "gate",
  "up-bias": "up",
  "down-bias": "down",
};

/** MXFP4 blocks, output-first; or plain numbers, input-first. */
const expertPlaces = (expert: number, part: GatedPart): readonly Place[] => [
  slice(TENSOR[part], expert, TAKE[part], { encoding: "mxfp4" }),
  slice(TENSOR[part], expert, TAKE[part], { order: "input-first" }),
];

/** gpt-oss: experts merged and quantised. */
export const gptOss = decoderNames({
  router: ["mlp.router.weight"],
  expert: expertPlaces,
  vector: ({ kind, expert }) => {
    if (kind === "router-bias") return [whole("mlp.router.bias")];
    const part = BIASES[kind];
    return part === undefined ? [] : [slice(`${TENSOR[part]}_bias`, expert, TAKE[part])];
  },
});
