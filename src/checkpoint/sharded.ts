/** The tensors of a checkpoint folder: one file, or several with an index. */
import { InputError, type Issue } from "../model/issue.ts";
import type { CheckpointFiles } from "./random-access.ts";
import { readHeader, type StoredTensor, tensorPointer } from "./safetensors.ts";

const SINGLE_FILE = "model.safetensors";
const INDEX_FILE = "model.safetensors.index.json";

/** Does a folder with these files hold weights that can be read? */
export const hasWeights = (names: readonly string[]): boolean =>
  names.includes(SINGLE_FILE) || names.includes(INDEX_FILE);

/**
 * Reads the headers of all files of a checkpoint.
 *
 * Where a folder has both, the single file counts, as in `transformers`. Tensors of a shard that
 * the index does not list are left out.
 *
 * @param folder what messages call the folder
 * @throws InputError if there is no checkpoint, a shard is missing, or a file is broken
 */
export async function openTensors(
  files: CheckpointFiles,
  folder: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  if (files.names.includes(SINGLE_FILE))
    return readHeader(await files.open(SINGLE_FILE), `${folder}/${SINGLE_FILE}`);
  if (files.names.includes(INDEX_FILE)) return openShards(files, folder);
  throw new InputError(folder, [noCheckpoint(files.names)]);
}

function noCheckpoint(names: readonly string[]): Issue {
  const issue = {
    pointer: "",
    found: names.length === 0 ? "an empty folder" : "no safetensors checkpoint",
    allowed: `a folder with ${SINGLE_FILE} or ${INDEX_FILE}`,
  };
  const isPickled = names.some((name) => /\.(bin|pt|pth)$/.test(name));
  return isPickled ? { ...issue, hint: "convert the PyTorch files to safetensors" } : issue;
}

/** Tensor name -> shard, as the index says. */
async function readWeightMap(
  files: CheckpointFiles,
  file: string,
): Promise<ReadonlyMap<string, string>> {
  const fail = (pointer: string, found: string, allowed: string): never => {
    throw new InputError(file, [{ pointer, found, allowed }]);
  };
  const access = await files.open(INDEX_FILE);
  let index: unknown;
  try {
    const bytes = await access.read(0, access.size);
    index = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (error) {
    if (!(error instanceof SyntaxError || error instanceof TypeError)) throw error;
    return fail("", "text that is not JSON", "a JSON object with a field weight_map");
  }
  const map = (index as { readonly weight_map?: unknown } | null)?.weight_map;
  if (typeof map !== "object" || map === null || Array.isArray(map))
    return fail("/weight_map", "no object", "an object: tensor name -> file name");
  const entries = Object.entries(map);
  const odd = entries.find(([, shard]) => typeof shard !== "string");
  if (odd !== undefined)
    return fail(`/weight_map${tensorPointer(odd[0])}`, typeof odd[1], "a file name");
  return new Map(entries);
}

async function openShards(
  files: CheckpointFiles,
  folder: string,
): Promise<ReadonlyMap<string, StoredTensor>> {
  const indexFile = `${folder}/${INDEX_FILE}`;
  const weightMap = await readWeightMap(files, indexFile);
  const shards = [...new Set(weightMap.values())].sort();
  const missing = shards.filter((shard) => !files.names.includes(shard));
  if (missing.length > 0)
    throw new InputError(
      indexFile,
      missing.map((shard) => ({
        pointer: "/weight_map",
        found: `no file ${shard} beside it`,
        allowed: "every shard that the index names",
        hint: `${missing.length} of ${shards.length} shards are missing`,
      })),
    );
  const headers = new Map<string, ReadonlyMap<string, StoredTensor>>();
  for (const shard of shards)
    headers.set(shard, await readHeader(await files.open(shard), `${folder}/${shard}`));
  return pickTensors(weightMap, headers, indexFile);
}

/** Takes every tensor from its shard; it must be there, and nowhere else. */
function pickTensors(
  weightMap: ReadonlyMap<string, string>,
  headers: ReadonlyMap<string, ReadonlyMap<string, StoredTensor>>,
  indexFile: string,
): ReadonlyMap<string, StoredTensor> {
  const issues: Issue[] = [];
  const homes = new Map<string, string[]>();
  for (const [shard, tensors] of headers)
    for (const name of tensors.keys()) homes.set(name, [...(homes.get(name) ?? []), shard]);
  const picked = new Map<string, StoredTensor>();
  for (const [name, shard] of weightMap) {
    const tensor = headers.get(shard)?.get(name);
    const pointer = `/weight_map${tensorPointer(name)}`;
    if (tensor === undefined)
      issues.push({
        pointer,
        found: `no such tensor in ${shard}`,
        allowed: "a tensor of that shard",
      });
    else picked.set(name, tensor);
  }
  for (const [name, shards] of homes)
    if (shards.length > 1)
      issues.push({
        pointer: `/weight_map${tensorPointer(name)}`,
        found: `the tensor in ${shards.join(" and ")}`,
        allowed: "each tensor in one shard",
      });
  if (issues.length > 0) throw new InputError(indexFile, issues);
  return picked;
}
