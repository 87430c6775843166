import { createPriceList } from "../../../src/cost/price.ts";
import type { Arch } from "../../../src/model/arch.ts";
import type { Op, Price, VectorFunction } from "../../../src/model/op.ts";
import { simulate } from "../../../src/timing/simulate.ts";
import { createDice } from "../mesh-network.ts";
import type { DecoderShape, PlacedDecoder } from "./decoder.ts";
import { KINDS, type Kind, lowerDecoder } from "./lower-decoder.ts";

const DIGITAL = 0;
const ATTENTION = 1;
/** Results of a tier, 8 bits each. */
const PACKET_B = 512;

/** One run on our timing kernel with our prices. */
export interface Outcome {
  readonly tiers: number;
  readonly counts: Readonly<Record<Kind, number>>;
  readonly makespan_ns: number;
  readonly dynamic_pJ: number;
  /** Units that draw power all the time; the simulator counts no other. */
  readonly static_mW: number;
}

/** Runs the mapped decoder on the chip's tiles and units. */
export function runDecoder(
  arch: Arch,
  shape: DecoderShape,
  decoder: PlacedDecoder,
  run: { readonly tokens: number; readonly sequences: number; readonly steps: number },
  seed: number,
): Outcome {
  const prices = pricesOf(arch);
  const servers = {
    tiles: decoder.chipTiles,
    digital: arch.cores[DIGITAL]!.count,
    attention: arch.cores[ATTENTION]!.count,
  };
  const { graph, counts } = lowerDecoder(shape, decoder, prices, servers, {
    ...run,
    dice: createDice(seed),
  });
  return {
    tiers: decoder.tiers,
    counts,
    makespan_ns: simulate(graph).makespan_ps / 1000,
    dynamic_pJ: KINDS.reduce((sum, kind) => sum + counts[kind] * energy_pJ(prices[kind]), 0),
    static_mW: arch.cores.reduce((sum, core) => sum + core.count * core.static_mW, 0),
  };
}

const energy_pJ = ({ charges }: Price): number =>
  charges.reduce((sum, charge) => sum + charge.energy_pJ, 0);

function pricesOf(arch: Arch): Record<Kind, Price> {
  const { price, messageCharge } = createPriceList(arch);
  const vector = (fn: VectorFunction, core = DIGITAL): Price =>
    price({ kind: "vector", core, fn, elements: 512 });
  const mvm: Op = { kind: "mvm", tileKind: 0, rows: 512, cols: 512 };
  const message = price({ kind: "message", bytes: PACKET_B });
  return {
    mvm: price(mvm),
    transfer: { ...message, charges: [messageCharge(PACKET_B, 1)] },
    add: vector("add"),
    norm: vector("layer-norm"),
    relu: vector("relu"),
    attention: vector("softmax", ATTENTION),
    sample: vector("argmax"),
  };
}
