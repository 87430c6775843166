/** Timelines on disk: written as the run goes on, gzipped afterwards, whole files only. */
import { randomBytes } from "node:crypto";
import {
  closeSync,
  createReadStream,
  createWriteStream,
  mkdirSync,
  openSync,
  renameSync,
  rmSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { createTimeline, type Timeline } from "../evaluate/timeline.ts";
import { fileError } from "./files.ts";
import { VERSION } from "./version.ts";

export interface TimelineFiles extends Pick<Timeline, "begin"> {
  /** Puts the files in place. @returns what was left out; null: nothing */
  readonly finish: () => Promise<string | null>;
  /** Removes what was begun. */
  readonly discard: () => void;
}

/** @param files at least one; names that end in .gz are gzipped */
export function openTimeline(files: readonly string[]): TimelineFiles {
  const raw = `${files[0]!}.${randomBytes(6).toString("hex")}.tmp`;
  const handle = guarded(files[0]!, () => {
    mkdirSync(dirname(raw), { recursive: true });
    return openSync(raw, "wx");
  });
  let isOpen = true;
  const close = (): void => {
    if (isOpen) closeSync(handle);
    isOpen = false;
  };
  const timeline = createTimeline((text) => {
    const bytes = Buffer.from(text);
    guarded(files[0]!, () => {
      for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
    });
  }, VERSION);
  return {
    begin: timeline.begin,
    finish: async () => {
      const notice = timeline.end();
      close();
      for (const file of files) await put(raw, file);
      rmSync(raw, { force: true });
      return notice;
    },
    discard: () => {
      close();
      rmSync(raw, { force: true });
    },
  };
}

async function put(raw: string, file: string): Promise<void> {
  const temporary = `${file}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    const to = createWriteStream(temporary, { flags: "wx" });
    if (file.endsWith(".gz")) await pipeline(createReadStream(raw), createGzip(), to);
    else await pipeline(createReadStream(raw), to);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw fileError(file, error, "a file that can be written");
  }
}

function guarded<T>(file: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    throw fileError(file, error, "a file that can be written");
  }
}
