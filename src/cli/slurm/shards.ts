/** Rows of shards as they grow: every row once, whatever was evaluated twice. */
import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { type PointRow, rowKey } from "../../explore/row.ts";

export interface ShardReader {
  /** Rows that are new since the last call. */
  readonly fresh: (files: readonly string[]) => readonly PointRow[];
}

export function createShardReader(): ShardReader {
  /** Bytes of whole lines that have been read, by file. */
  const read = new Map<string, number>();
  const seen = new Set<string>();
  const rowsOf = (file: string): PointRow[] => {
    const from = read.get(file) ?? 0;
    const text = wholeLinesFrom(file, from);
    read.set(file, from + Buffer.byteLength(text));
    const lines = text.split("\n").slice(0, -1);
    // The first line of a shard is its header.
    return lines.slice(from === 0 ? 1 : 0).map((line) => JSON.parse(line) as PointRow);
  };
  return {
    fresh: (files) =>
      files.flatMap(rowsOf).filter((row) => {
        const key = rowKey(row);
        const isNew = !seen.has(key);
        seen.add(key);
        return isNew;
      }),
  };
}

/** What is whole of the file from a position on. */
function wholeLinesFrom(file: string, from: number): string {
  const handle = openSync(file, "r");
  try {
    const bytes = Buffer.alloc(Math.max(0, fstatSync(handle).size - from));
    const length = readSync(handle, bytes, 0, bytes.length, from);
    return bytes.toString("utf8", 0, bytes.subarray(0, length).lastIndexOf("\n") + 1);
  } finally {
    closeSync(handle);
  }
}
