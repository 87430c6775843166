/** Tile shapes measured once on each adapter. */
import type { Recorder } from "../gpu/recorder.ts";
import { type TileChoices, tuneTiles } from "../gpu/tune.ts";
import { cached } from "./cache.ts";

/** Of the shaders and candidates that are timed: another one, another measurement. */
const VERSION = 1;

/** Of this process, for where nothing is cached. */
const measured = new Map<string, Promise<TileChoices>>();

/** @returns undefined: an adapter without a clock, or a processor, where all are slow alike */
export async function tileChoices(
  recorder: Recorder,
  say: (line: string) => void,
): Promise<TileChoices | undefined> {
  const { name, features, isSoftware, matrixShapes, hasPackedDots } = recorder.gpu;
  if (isSoftware || !hasPackedDots || !features.has("timestamp-query")) return undefined;
  const key = [VERSION, name, matrixShapes];
  const known = measured.get(JSON.stringify(key));
  if (known !== undefined) return known;
  const choices = cached("gpu-tiles", key, () => {
    say(`measuring tile shapes on ${name}, once for this adapter`);
    return tuneTiles(recorder);
  });
  measured.set(JSON.stringify(key), choices);
  choices.catch(() => measured.delete(JSON.stringify(key)));
  return choices;
}
