/**
 * Reads safetensors files: eight bytes of header length, a JSON header, then the data.
 *
 * Only the header is read at once; tensors are read on demand, whole or in part.
 *
 * @source https://huggingface.co/docs/safetensors, "Format"
 */
import { InputError, type Issue } from "../model/issue.ts";
import { DTYPES, type Dtype, dtypeNames, isDtype } from "./dtypes.ts";
import type { RandomAccess } from "./random-access.ts";

/** Where a tensor is, and what it is. Elements are in row-major order. */
export interface StoredTensor {
  readonly name: string;
  /** The file, as messages name it. */
  readonly file: string;
  readonly access: RandomAccess;
  readonly dtype: Dtype;
  readonly shape: readonly number[];
  /** From the start of the file. */
  readonly offset: number;
  readonly bytes: number;
}

const LENGTH_BYTES = 8;
/** The limit of the reference implementation. */
const MOST_HEADER_BYTES = 100_000_000;

/** Length of the header in bytes, or an error that says why this is no safetensors file. */
async function headerLength(access: RandomAccess, file: string): Promise<number> {
  const fail = (found: string, hint?: string): never => {
    const allowed = "a safetensors file: 8 bytes of header length, a JSON header, the data";
    throw new InputError(file, [
      hint === undefined ? { pointer: "", found, allowed } : { pointer: "", found, allowed, hint },
    ]);
  };
  const start = await access.read(0, LENGTH_BYTES);
  if (start.length < LENGTH_BYTES) return fail(`a file of ${access.size} bytes`);
  if (new TextDecoder("latin1").decode(start) === "version ")
    return fail("a Git LFS pointer", "the weights were not downloaded: run `git lfs pull`");
  const length = new DataView(start.buffer, start.byteOffset).getBigUint64(0, true);
  if (length > BigInt(access.size - LENGTH_BYTES))
    return fail(`a header of ${length} bytes in a file of ${access.size} bytes`);
  if (length > MOST_HEADER_BYTES)
    return fail(`a header of ${length} bytes (at most ${MOST_HEADER_BYTES} are read)`);
  return Number(length);
}

function parseHeader(bytes: Uint8Array, file: string): Readonly<Record<string, unknown>> {
  const fail = (found: string): never => {
    throw new InputError(file, [{ pointer: "", found, allowed: "a JSON object as header" }]);
  };
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    return fail("a header that is not UTF-8 text");
  }
  let header: unknown;
  try {
    header = JSON.parse(text);
  } catch {
    return fail("a header that is not JSON");
  }
  if (!isRecord(header)) return fail("a header that is not an object");
  refuseRepeats(text, header, file);
  return header;
}

/** JSON.parse keeps the last of two equal names; every tensor has one `data_offsets`, so count. */
function refuseRepeats(text: string, header: Readonly<Record<string, unknown>>, file: string) {
  const named = Object.values(header).filter(
    (entry) => isRecord(entry) && Object.hasOwn(entry, "data_offsets"),
  ).length;
  const written = text.match(/"data_offsets"\s*:/g)?.length ?? 0;
  if (written > named)
    throw new InputError(file, [
      {
        pointer: "",
        found: `a header with ${written - named} repeated tensor names or fields`,
        allowed: "each tensor once",
      },
    ]);
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

const isCount = (value: unknown): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 0;

const show = (value: unknown): string => {
  if (Array.isArray(value) && value.length <= 8 && value.every((item) => typeof item === "number"))
    return `[${value.join(", ")}]`;
  if (typeof value === "string") return JSON.stringify(value.slice(0, 60));
  return typeof value === "object" || value === undefined ? "something else" : String(value);
};

/** RFC 6901, section 3. */
export const tensorPointer = (name: string, field = ""): string =>
  `/${name.replaceAll("~", "~0").replaceAll("/", "~1")}${field}`;

interface HeaderPlace {
  readonly file: string;
  readonly access: RandomAccess;
  /** First byte of the data. */
  readonly dataBegin: number;
}

/** One entry of the header -> a tensor; null, and an issue more, where it makes no sense. */
function parseEntry(
  name: string,
  entry: unknown,
  { file, access, dataBegin }: HeaderPlace,
  issues: Issue[],
): StoredTensor | null {
  const refuse = (field: string, found: string, allowed: string): null => {
    issues.push({ pointer: tensorPointer(name, field), found, allowed });
    return null;
  };
  if (!isRecord(entry)) return refuse("", show(entry), "an object: dtype, shape, data_offsets");
  const { dtype, shape, data_offsets: offsets } = entry;
  if (!isDtype(dtype)) return refuse("/dtype", show(dtype), dtypeNames.join(", "));
  if (!Array.isArray(shape) || !shape.every(isCount))
    return refuse("/shape", show(shape), "a list of whole numbers >= 0");
  if (!Array.isArray(offsets) || offsets.length !== 2 || !offsets.every(isCount))
    return refuse("/data_offsets", show(offsets), "two whole numbers: begin and end");
  const [begin, end] = offsets as [number, number];
  const bytes = Math.ceil((shape.reduce((product, n) => product * n, 1) * DTYPES[dtype].bits) / 8);
  if (end - begin !== bytes)
    return refuse(
      "/data_offsets",
      `${show(offsets)}, ${end - begin} bytes`,
      `${bytes} bytes: shape ${show(shape)} of ${dtype}`,
    );
  return { name, file, access, dtype, shape, offset: dataBegin + begin, bytes };
}

/** Data must be there, and every byte of it belong to exactly one tensor. */
function checkLayout(
  tensors: readonly StoredTensor[],
  { access, dataBegin }: HeaderPlace,
  issues: Issue[],
): void {
  const sorted = tensors.toSorted((a, b) => a.offset - b.offset || a.bytes - b.bytes);
  const last = sorted.at(-1);
  if (last !== undefined && last.offset + last.bytes > access.size) {
    issues.push({
      pointer: tensorPointer(last.name, "/data_offsets"),
      found: `data up to byte ${last.offset + last.bytes} in a file of ${access.size} bytes`,
      allowed: "data inside the file",
      hint: "the file is cut off: download or copy it again",
    });
    return;
  }
  let at = dataBegin;
  for (const { name, offset, bytes } of sorted) {
    if (offset !== at)
      issues.push({
        pointer: tensorPointer(name, "/data_offsets"),
        found: `begin ${offset - dataBegin}, ${offset < at ? "inside another tensor" : "after unused bytes"}`,
        allowed: `begin ${at - dataBegin}: tensors neither overlap nor leave gaps`,
      });
    at = Math.max(at, offset + bytes);
  }
}

/**
 * Reads the header of one file.
 *
 * @param file what messages call it
 * @returns the tensors by name
 * @throws InputError with everything that is wrong with the header
 */
export async function readHeader(
  access: RandomAccess,
  file: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const length = await headerLength(access, file);
  const header = parseHeader(await access.read(LENGTH_BYTES, length), file);
  const place: HeaderPlace = { file, access, dataBegin: LENGTH_BYTES + length };
  const issues: Issue[] = [];
  const tensors = Object.entries(header)
    .filter(([name]) => name !== "__metadata__")
    .map(([name, entry]) => parseEntry(name, entry, place, issues))
    .filter((tensor) => tensor !== null);
  if (issues.length === 0) checkLayout(tensors, place, issues);
  if (issues.length > 0) throw new InputError(file, issues);
  return new Map(tensors.map((tensor) => [tensor.name, tensor]));
}

/**
 * Reads part of a tensor.
 *
 * @param begin first byte, counted from the start of the tensor
 * @throws InputError if the file has become shorter than its header says
 */
export async function readTensorBytes(
  { name, file, access, offset }: StoredTensor,
  begin: number,
  length: number,
): Promise<Uint8Array> {
  const bytes = await access.read(offset + begin, length);
  if (bytes.length === length) return bytes;
  throw new InputError(file, [
    {
      pointer: tensorPointer(name),
      found: `${bytes.length} bytes at offset ${offset + begin}`,
      allowed: `${length} bytes: the file changed while it was read`,
    },
  ]);
}
