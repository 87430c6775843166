/** A network by its description. */
import type { NetworkSpec } from "../model/training.ts";
import { unreachable } from "../units/exhaustive.ts";
import type { Network } from "./network.ts";
import { createEncoder } from "./topologies/encoder.ts";
import { createLstm, type TextTask } from "./topologies/lstm-lm.ts";
import { createResidualCnn, type ImageTask } from "./topologies/residual-cnn.ts";

/** Networks that start from random weights here; a checkpoint brings its own. */
export type TrainedFromScratch = Exclude<NetworkSpec, { kind: "checkpoint" }>;
export type Task = ImageTask | TextTask;

/**
 * @param task text for the language model, images for the others
 * @param seed of the first weights
 */
export function createNetwork(spec: TrainedFromScratch, task: Task, seed: number): Network {
  switch (spec.kind) {
    case "residual-cnn":
      return createResidualCnn(spec, imagesOf(task), seed);
    case "encoder":
      return createEncoder(spec, imagesOf(task), seed);
    case "lstm-lm":
      if (!("steps" in task)) throw new Error("a language model reads text");
      return createLstm(spec, task, seed);
    default:
      return unreachable(spec);
  }
}

function imagesOf(task: Task): ImageTask {
  if ("side" in task) return task;
  throw new Error("a classifier of images needs images");
}
