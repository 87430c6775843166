import { blockCount } from "../../../src/mapping/split.ts";
import type { DecoderShape, Placed, PlacedDecoder, PlacedExpert, PlacedLayer } from "./decoder.ts";

/** Which tile the next block goes to. */
export type Strategy = "in-order" | "by-use" | "experts-apart";

export interface MapOptions {
  readonly tiles: number;
  readonly tiers: number;
  readonly strategy: Strategy;
  /** The second matrix of an expert gets tiles of its own, not those of the first one. */
  readonly split_experts: boolean;
}

const TIER = { rows: 512, cols: 512 };

interface Request {
  readonly rows: number;
  readonly cols: number;
  /** How often the matrix is used; what "by-use" balances. */
  readonly use: number;
  /** Tiers that each tile must have left besides this one's. */
  readonly spare?: number;
  /** Tiles to take, in turn. */
  readonly on?: readonly number[] | undefined;
}

/** Puts blocks on tiles one by one, as the simulator's mapper does. */
function createMapper({ tiles, tiers, strategy }: MapOptions) {
  const filled = new Array<number>(tiles).fill(0);
  const use = new Array<number>(tiles).fill(0);
  const balanced = strategy !== "in-order";

  const leastFilled = (): number => filled.indexOf(Math.min(...filled));

  const leastUsed = (taken: readonly number[], blocks: number, spare: number): number => {
    const hasRoom = (tile: number): boolean => filled[tile]! + spare < tiers;
    const fresh = (tile: number): boolean => blocks > tiles || !taken.includes(tile);
    const least = (accepts: (tile: number) => boolean): number => {
      let best = -1;
      for (let tile = 0; tile < tiles; tile++)
        if (accepts(tile) && (best < 0 || use[tile]! < use[best]!)) best = tile;
      return best;
    };
    const tile = least((t) => fresh(t) && hasRoom(t));
    return tile >= 0 ? tile : least(hasRoom);
  };

  const choose = ({ on, spare = 0 }: Request, taken: readonly number[], blocks: number): number => {
    if (on === undefined) return balanced ? leastUsed(taken, blocks, spare) : leastFilled();
    const tile = on[taken.length % on.length]!;
    return filled[tile]! < tiers ? tile : leastFilled();
  };

  const place = (request: Request): Placed => {
    const across = Math.ceil(request.cols / TIER.cols);
    const blocks = blockCount(request, TIER);
    const taken: number[] = [];
    while (taken.length < blocks) {
      const tile = choose(request, taken, blocks);
      if (!(filled[tile]! < tiers)) throw new Error("the decoder does not fit");
      filled[tile]!++;
      use[tile]! += request.use;
      taken.push(tile);
    }
    return { down: blocks / across, across, tiles: taken };
  };

  /** An embedding is a stack: all its rows of blocks lie over the first one's tiles. */
  const placeStack = ({ rows, cols }: { rows: number; cols: number }): Placed => {
    const request = { rows, cols, use: Math.min(1, TIER.rows / rows) };
    const first: number[] = [];
    const before = { filled: [...filled], use: [...use] };
    for (const tile of place({ ...request, rows: TIER.rows }).tiles) first.push(tile);
    filled.splice(0, tiles, ...before.filled);
    use.splice(0, tiles, ...before.use);
    return place({ ...request, on: first });
  };

  return { place, placeStack, tiersUsed: () => filled.reduce((a, b) => a + b, 0) };
}

type Mapper = ReturnType<typeof createMapper>;

/**
 * Maps the decoder matrix by matrix, in the order of its modules; "experts-apart" takes the expert
 * layers first and stacks all experts of a layer over the tiles of its first one.
 *
 * The rules are those of github IBM/3D-CiM-LLM-Inference-Simulator, `mapping/mapper.py`, read and
 * written anew.
 */
export function mapDecoder(shape: DecoderShape, options: MapOptions): PlacedDecoder {
  const mapper = createMapper(options);
  const apart = options.strategy === "experts-apart" && shape.experts > 0;
  const ffn = (): FeedForward => placeFeedForward(mapper, shape, options);
  const early = apart ? Array.from({ length: shape.layers }, ffn) : [];
  const square = (): Placed => mapper.place({ rows: shape.features, cols: shape.features, use: 1 });
  const qkv = (): Placed[] => [square(), square(), square()];

  const embedding = mapper.placeStack({ rows: shape.vocabulary_tokens, cols: shape.features });
  mapper.placeStack({ rows: shape.context_tokens, cols: shape.features });
  let projections = qkv();
  const layers: PlacedLayer[] = [];
  for (let layer = 0; layer < shape.layers; layer++) {
    // Projections of the next layer belong to this one's module.
    const next = layer + 1 < shape.layers ? qkv() : [];
    const out = square();
    layers.push({ qkv: projections, out, ...(early[layer] ?? ffn()) });
    projections = next;
  }
  const head = mapper.place({ rows: shape.features, cols: shape.vocabulary_tokens, use: 1 });
  return { embedding, layers, head, tiers: mapper.tiersUsed(), chipTiles: options.tiles };
}

type FeedForward = Pick<PlacedLayer, "router" | "experts">;

function placeFeedForward(mapper: Mapper, shape: DecoderShape, options: MapOptions): FeedForward {
  const { features, inner_features, experts } = shape;
  const up = { rows: features, cols: inner_features, use: 1 / Math.max(experts, 1) };
  const down = { rows: inner_features, cols: features, use: 1 / Math.max(experts, 1) };
  // A dense layer's two matrices are modules of their own, whatever becomes of experts.
  if (experts === 0)
    return { router: undefined, experts: [{ up: mapper.place(up), down: mapper.place(down) }] };
  const router = mapper.place({ rows: features, cols: experts, use: 1 });
  const all = { mapper, up, down, experts, split: options.split_experts };
  return {
    router,
    experts: options.strategy === "experts-apart" ? stackExperts(all) : spreadExperts(all),
  };
}

interface ExpertRequest {
  readonly mapper: Mapper;
  readonly up: Request;
  readonly down: Request;
  readonly experts: number;
  readonly split: boolean;
}

function spreadExperts({ mapper, up, down, experts, split }: ExpertRequest): PlacedExpert[] {
  return Array.from({ length: experts }, () => {
    const first = mapper.place(up);
    return { up: first, down: mapper.place({ ...down, on: split ? undefined : first.tiles }) };
  });
}

function stackExperts({ mapper, up, down, experts }: ExpertRequest): PlacedExpert[] {
  const stack = (request: Request): Placed[] => {
    const first = mapper.place({ ...request, spare: experts });
    const others = Array.from({ length: experts - 1 }, () =>
      mapper.place({ ...request, on: first.tiles }),
    );
    return [first, ...others];
  };
  const ups = stack(up);
  const downs = stack(down);
  return ups.map((placed, i) => ({ up: placed, down: downs[i]! }));
}
