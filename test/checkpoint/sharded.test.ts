import { expect, test } from "vitest";
import { openTensors } from "../../src/checkpoint/sharded.ts";
import { InputError } from "../../src/model/issue.ts";
import { f32, memoryFiles, safetensors } from "./memory-files.ts";

const text = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));
const index = (weight_map: unknown) => ({
  "model.safetensors.index.json": text({ metadata: {}, weight_map }),
});
const SHARD_1 = safetensors({ a: f32([1], [1]) });
const SHARD_2 = safetensors({ b: f32([2], [2, 3]), c: f32([1], [4]) });

async function messageOf(files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const error = await openTensors(memoryFiles(files), "ckpt").then(
    () => new Error("no error"),
    (e: unknown) => e as Error,
  );
  expect(error).toBeInstanceOf(InputError);
  return error.message;
}

test("tensors come from the shards that the index names", async () => {
  const files = { ...index({ a: "1.safetensors", b: "2.safetensors" }), "1.safetensors": SHARD_1 };
  const tensors = await openTensors(memoryFiles({ ...files, "2.safetensors": SHARD_2 }), "ckpt");
  expect([...tensors.values()].map(({ name, file }) => [name, file])).toEqual([
    ["a", "ckpt/1.safetensors"],
    ["b", "ckpt/2.safetensors"],
  ]);
});

test("a single file counts before an index", async () => {
  const files = { ...index({ a: "none.safetensors" }), "model.safetensors": SHARD_2 };
  expect([...(await openTensors(memoryFiles(files), "ckpt")).keys()]).toEqual(["b", "c"]);
});

const shards = { "1.safetensors": SHARD_1, "2.safetensors": SHARD_2 };
test.each([
  ["an empty folder", {}, "ckpt: found an empty folder; allowed: a folder with model.safetensors"],
  ["other files", { "pytorch_model.bin": SHARD_1 }, "hint: convert the PyTorch files"],
  [
    "a missing shard",
    { ...index({ a: "1.safetensors", b: "2.safetensors" }), "1.safetensors": SHARD_1 },
    "found no file 2.safetensors beside it; allowed: every shard that the index names\n  hint: 1 of 2",
  ],
  [
    "a shard outside the folder",
    { ...index({ a: "../1.safetensors" }), ...shards },
    "found no file ../1.safetensors",
  ],
  [
    "a tensor that its shard lacks",
    { ...index({ a: "1.safetensors", z: "2.safetensors" }), ...shards },
    "index.json#/weight_map/z: found no such tensor in 2.safetensors",
  ],
  [
    "a tensor in two shards",
    {
      ...index({ a: "1.safetensors", b: "2.safetensors" }),
      ...shards,
      "2.safetensors": safetensors({ a: f32([1], [1]), b: f32([1], [1]) }),
    },
    "#/weight_map/a: found the tensor in 1.safetensors and 2.safetensors",
  ],
  [
    "an index without a map",
    { "model.safetensors.index.json": text({}) },
    "#/weight_map: found no",
  ],
  [
    "null as index",
    { "model.safetensors.index.json": text(null) },
    "#/weight_map: found no object",
  ],
  ["a number as shard", index({ a: 3 }), "#/weight_map/a: found number; allowed: a file name"],
  [
    "an index that is cut off",
    { "model.safetensors.index.json": text({ weight_map: {} }).subarray(0, 9) },
    "found text that is not JSON",
  ],
  [
    "a broken shard",
    { ...index({ a: "1.safetensors" }), "1.safetensors": SHARD_1.subarray(0, 20) },
    "ckpt/1.safetensors: found a header of",
  ],
])("%s", async (_name, files, message) => {
  expect(await messageOf(files)).toContain(message);
});
