/**
 * One product of a layer for all its matrices: every expert of every variant, digital or on some
 * kind of crossbar, in one dispatch for each kind.
 */
import type { AnalogMatrix } from "../numerics/engine.ts";
import { type AnalogStore, createAnalogStore, runAnalog } from "./analog-store.ts";
import { planWords, type StageIo } from "./plan.ts";
import { createBuffer, type Recorder, write } from "./recorder.ts";
import { digitalShader, type FloatTile } from "./shaders/digital.ts";
import { shapeWords } from "./shape.ts";
import type { Tiles } from "./tiles.ts";

/** What a group of rows is multiplied with. */
export type Member =
  | { readonly kind: "digital"; readonly id: number; readonly weights: Float32Array }
  | { readonly kind: "analog"; readonly matrix: AnalogMatrix };

export interface Stage {
  readonly run: (io: StageIo) => void;
  /** Kept until the work that uses it is submitted. */
  readonly dispose: () => void;
}

export const NO_MATRIX = 0xffffffff;

/** @param members one a group, all of one shape */
export function createStage(
  recorder: Recorder,
  tiles: Tiles,
  { inputs, outputs }: { readonly inputs: number; readonly outputs: number },
  members: readonly Member[],
): Stage {
  const digital = members.some((m) => m.kind === "digital")
    ? createDigitalStore(recorder, inputs, outputs, members)
    : null;
  const analog = createAnalogStores(recorder, tiles, members);
  return {
    run: (io) => {
      if (digital !== null) runDigital(recorder, digital, tiles.digital, io);
      for (const store of analog) runAnalog(recorder, store, tiles, io);
    },
    dispose: () => {
      for (const buffer of digital?.buffers ?? []) buffer.destroy();
      for (const store of analog) for (const buffer of store.buffers) buffer.destroy();
    },
  };
}

interface DigitalStore {
  readonly inputs: number;
  readonly outputs: number;
  readonly weights: GPUBuffer;
  readonly tables: GPUBuffer;
  readonly buffers: readonly GPUBuffer[];
}

/** Groups that share a matrix share its copy. */
function createDigitalStore(
  { gpu }: Recorder,
  inputs: number,
  outputs: number,
  members: readonly Member[],
): DigitalStore {
  const placeOf = new Map<number, number>();
  const unique: Float32Array[] = [];
  const slots = new Uint32Array(members.length).fill(NO_MATRIX);
  members.forEach((member, group) => {
    if (member.kind !== "digital") return;
    if (!placeOf.has(member.id)) {
      placeOf.set(member.id, unique.length);
      unique.push(member.weights);
    }
    slots[group] = placeOf.get(member.id)!;
  });
  const each_B = 4 * inputs * outputs;
  const weights = createBuffer(gpu, each_B * unique.length);
  unique.forEach((values, i) => {
    write(gpu, weights, i * each_B, values);
  });
  const tables = createBuffer(gpu, slots.byteLength);
  write(gpu, tables, 0, slots);
  return { inputs, outputs, weights, tables, buffers: [weights, tables] };
}

function runDigital(
  recorder: Recorder,
  { inputs, outputs, weights, tables }: DigitalStore,
  tile: FloatTile,
  io: StageIo,
): void {
  const wide = inputs % 4 === 0;
  recorder.dispatch(
    `digital ${JSON.stringify(tile)} ${wide}`,
    () => digitalShader(tile, wide),
    shapeWords({ inputs, outputs, ...planWords(io) }),
    { 1: io.x, 2: weights, 3: tables, 4: io.plan.buffer, 5: io.y },
    [Math.ceil(outputs / tile.columns), io.plan.mostTiles, 1],
  );
}

/** Matrices with the same periphery and the same cuts are one store. */
function createAnalogStores(
  recorder: Recorder,
  tiles: Tiles,
  members: readonly Member[],
): readonly AnalogStore[] {
  const byKind = new Map<string, (AnalogMatrix | null)[]>();
  members.forEach((member, group) => {
    if (member.kind !== "analog") return;
    const { periphery, blocks } = member.matrix;
    const cuts = blocks.map((b) => [b.rowBegin, b.colBegin]);
    const key = JSON.stringify([periphery, cuts]);
    const list = byKind.get(key) ?? members.map(() => null);
    list[group] = member.matrix;
    byKind.set(key, list);
  });
  return [...byKind.values()].map((matrices) => createAnalogStore(recorder, tiles, matrices));
}
