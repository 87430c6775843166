/** A state of training as one file: a line of JSON that says what follows, then the numbers. */
import { InputError } from "../../model/issue.ts";
import type { Moments, TrainingState } from "../session.ts";

const FORMAT = "training-state/1";

/** Numbers of one name, in the order of the file; little-endian as every machine of today. */
interface Entry {
  readonly group: Group;
  readonly name: string;
  readonly type: keyof typeof ARRAYS;
  readonly length: number;
}

const ARRAYS = { f32: Float32Array, f64: Float64Array, i32: Int32Array } as const;
type Numbers = Float32Array | Float64Array | Int32Array;
type Group = "parameters" | "ranges" | "rangeBatches" | "first" | "second";

/** What a file holds beside the numbers. */
interface Header<T> {
  readonly format: typeof FORMAT;
  readonly step: number;
  readonly entries: readonly Entry[];
  /** Whatever belongs to the state, for example the loss curve up to here. */
  readonly more: T;
}

/** @param more plain JSON that is kept with the state, so that the two are of the same step */
export function encodeState<T>(state: TrainingState, more: T): Uint8Array {
  const arrays = listArrays(state);
  const entries = arrays.map(
    ([group, name, values]): Entry => ({
      group,
      name,
      type: typeOf(values),
      length: values.length,
    }),
  );
  const header: Header<T> = { format: FORMAT, step: state.step, entries, more };
  const line = new TextEncoder().encode(`${JSON.stringify(header)}\n`);
  const out = new Uint8Array(
    line.length + arrays.reduce((sum, [, , { byteLength }]) => sum + byteLength, 0),
  );
  out.set(line);
  let at = line.length;
  for (const [, , values] of arrays) {
    out.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
    at += values.byteLength;
  }
  return out;
}

const typeOf = (values: Numbers): Entry["type"] =>
  (Object.keys(ARRAYS) as Entry["type"][]).find((type) => values instanceof ARRAYS[type])!;

function listArrays(state: TrainingState): (readonly [Group, string, Numbers])[] {
  const of = (group: Group, map: ReadonlyMap<string, Numbers>) =>
    [...map].map(([name, values]) => [group, name, values] as const);
  const moments = (part: keyof Moments) =>
    new Map([...state.moments].map(([name, pair]) => [name, pair[part]]));
  return [
    ...of("parameters", state.parameters),
    ...of("ranges", state.ranges),
    ...of("rangeBatches", state.rangeBatches),
    ...of("first", moments("first")),
    ...of("second", moments("second")),
  ];
}

/**
 * @param file for messages
 * @throws InputError if the file is none of these, or was cut off
 */
export function decodeState<T>(
  bytes: Uint8Array,
  file: string,
): { readonly state: TrainingState; readonly more: T } {
  const { header, begin } = readHeader<T>(bytes, file);
  const groups = new Map<string, Map<string, Numbers>>();
  let at = begin;
  for (const { group, name, type, length } of header.entries) {
    const size = length * ARRAYS[type].BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw refuse(file, `${bytes.length} bytes`, "a whole file");
    // Copied, because numbers have to start at a multiple of their size; `slice` of Node's Buffer
    // copies nothing.
    const values = new ARRAYS[type](Uint8Array.from(bytes.subarray(at, at + size)).buffer);
    groups.set(group, (groups.get(group) ?? new Map()).set(name, values));
    at += size;
  }
  const of = <A extends Numbers>(group: Group) =>
    (groups.get(group) ?? new Map()) as ReadonlyMap<string, A>;
  const second = of<Float64Array>("second");
  const moments = [...of<Float64Array>("first")].map(
    ([name, first]) => [name, { first, second: second.get(name)! }] as const,
  );
  return {
    state: {
      step: header.step,
      parameters: of<Float32Array>("parameters"),
      ranges: of<Float64Array>("ranges"),
      rangeBatches: of<Int32Array>("rangeBatches"),
      moments: new Map(moments),
    },
    more: header.more,
  };
}

function readHeader<T>(
  bytes: Uint8Array,
  file: string,
): { readonly header: Header<T>; readonly begin: number } {
  const end = bytes.indexOf("\n".charCodeAt(0));
  try {
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, Math.max(0, end))));
    if (header.format === FORMAT) return { header, begin: end + 1 };
  } catch {
    // said below
  }
  throw refuse(file, "something else", `a state of training, format ${FORMAT}`);
}

const refuse = (file: string, found: string, allowed: string): InputError =>
  new InputError(file, [{ pointer: "", found, allowed }]);
