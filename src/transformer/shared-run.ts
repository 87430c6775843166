/**
 * Runs of many decoders on one text that have projections in common: what a decoder computes as the
 * one before it did is not computed again, and comes out the same bit for bit.
 *
 * Two halves of layers are the same computation when they see the same stream and use the same
 * projection *objects*: what a projection makes depends on its inputs and row numbers alone.
 */
import type { Projection } from "../numerics/engine.ts";
import type { TokenBatch } from "./batch.ts";
import type { Decoder, DecoderLayer, GatedBlock } from "./decoder.ts";
import type { BlockMemory } from "./feed-forward.ts";
import { NO_HOOKS } from "./hooks.ts";
import { embed, requireRoom, runAttention, runFeedForward } from "./model.ts";
import type { Workspace } from "./workspace.ts";

/** Versions of a block that are kept: digital, analog under this seed, and mixtures. */
const MOST_VERSIONS = 4;

/** Half a layer of the last run. */
interface Stage {
  /** All that it computes with, by identity. In the feed-forward part the router is the first. */
  readonly parts: readonly object[];
  /** Outputs of its blocks for the stream before it, from the second run on that stream. */
  readonly blocks: Map<number, Version[]>;
}

interface Version {
  readonly parts: readonly Projection[];
  readonly y: Float32Array;
}

/** What the last run of a batch left behind, half a layer at a time. */
export interface Trail {
  readonly stages: Stage[];
  /** The stream after each stage, and room for those that are not there. [stages][rows][hidden] */
  readonly streams: Float32Array[];
}

export const createTrail = (): Trail => ({ stages: [], streams: [] });

/**
 * `runModel` for one decoder after another on the same batch.
 *
 * @param trail of this batch alone
 * @returns the residual stream before the final norm, [batch.rows][hidden]; holds until the next run
 */
export function runShared(
  trail: Trail,
  decoder: Decoder,
  batch: TokenBatch,
  space: Workspace,
): Float32Array {
  requireRoom(batch, space);
  const { workload, layers } = decoder;
  const parts = layers.flatMap((layer) => [inAttention(decoder, layer), inFeedForward(layer)]);
  const begin = firstDifference(trail, parts);
  const last = trail.stages[begin];
  // A run that throws leaves stages that belong together.
  trail.stages.length = begin;
  for (let at = begin; at < parts.length; at++) {
    const stream = streamBefore(trail, at, decoder, batch);
    const layer = layers[at >> 1]!;
    const blocks = at === begin ? blocksOf(last, parts[at]!) : null;
    if (at % 2 === 0) runAttention(workload, layer, batch, stream, space);
    else
      runFeedForward(workload, layer, batch, stream, space, NO_HOOKS, blocks && memoryOf(blocks));
    trail.stages[at] = { parts: parts[at]!, blocks: blocks ?? new Map() };
  }
  return trail.streams[parts.length - 1]!;
}

/** The first half layer that differs from the last run's. */
function firstDifference({ stages }: Trail, parts: readonly (readonly object[])[]): number {
  const differs = parts.findIndex((own, at) => !sameItems(own, stages[at]?.parts));
  return differs < 0 ? parts.length : differs;
}

function sameItems(a: readonly object[], b: readonly object[] | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((item, i) => item === b[i]);
}

/** A copy of the stream in front of a stage, in the place of the one behind it. */
function streamBefore(
  { streams }: Trail,
  at: number,
  { workload, embedding }: Decoder,
  batch: TokenBatch,
): Float32Array {
  const stream = streams[at] ?? new Float32Array(batch.rows * workload.hidden_features);
  streams[at] = stream;
  if (at === 0) embed(embedding, workload.hidden_features, batch, stream);
  else stream.set(streams[at - 1]!);
  return stream;
}

function inAttention(
  { workload, embedding }: Decoder,
  { norms, attention }: DecoderLayer,
): object[] {
  const { q, k, v, o, attend } = attention;
  return [workload, embedding, norms, attend, ...[q, k, v, o].map(({ projection }) => projection)];
}

function inFeedForward({ feedForward: part }: DecoderLayer): object[] {
  if (part.kind === "dense") return inBlock(part.block);
  const shared = part.shared === null ? [] : inBlock(part.shared);
  return [part.router.projection, ...part.experts.flatMap(inBlock), ...shared];
}

const inBlock = ({ gate, up, down }: GatedBlock): Projection[] => [
  gate.projection,
  up.projection,
  down.projection,
];

/** The same stream and the same router: every block gets the rows that it got in the last run. */
function blocksOf(last: Stage | undefined, parts: readonly object[]): Stage["blocks"] | null {
  if (last === undefined) return null;
  return last.parts[0] === parts[0] ? last.blocks : new Map();
}

function memoryOf(blocks: Stage["blocks"]): BlockMemory {
  const versionsOf = ({ gate }: GatedBlock): Version[] => {
    const versions = blocks.get(gate.matrix.id) ?? [];
    blocks.set(gate.matrix.id, versions);
    return versions;
  };
  return {
    find: (block) =>
      versionsOf(block).find(({ parts }) => sameItems(parts, inBlock(block)))?.y ?? null,
    keep: (block, y) => {
      const versions = versionsOf(block);
      if (versions.length === MOST_VERSIONS) versions.shift();
      versions.push({ parts: inBlock(block), y: y.slice() });
    },
  };
}
