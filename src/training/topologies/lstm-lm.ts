/** A language model of LSTM layers. */
import * as tf from "@tensorflow/tfjs-core";
import type { NetworkSpec } from "../../model/training.ts";
import { linear } from "../linear.ts";
import { cellOutput, nextState, openGates } from "../lstm-cell.ts";
import type { Network } from "../network.ts";
import { joinRows, splitRows } from "../row-blocks.ts";
import { type Assembly, createAssembly, type Pass } from "./assembly.ts";

export type LstmSpec = Extract<NetworkSpec, { kind: "lstm-lm" }>;

/** Windows of text. */
export interface TextTask {
  /** Symbols there are. */
  readonly classes: number;
  /** Symbols of a window. */
  readonly steps: number;
}

/** x [steps * examples][features], step by step -> [steps * examples][hidden]. */
type Recurrence = (pass: Pass, x: tf.Tensor2D, examples: number) => tf.Tensor2D;

/** A forget gate that starts open (Jozefowicz et al., ICML 2015). */
const FORGET_BIAS = 1;

/**
 * Embedding (a digital look-up), LSTM layers, and a product to the logits of the next symbol. The
 * state starts at 0 in each window. Input products take all steps at once, recurrent ones a step at
 * a time.
 *
 * @source Hochreiter and Schmidhuber, Neural Computation 9, 1735 (1997), with forget gates; Zaremba
 *   et al., arXiv 1409.2329.
 */
export function createLstm(spec: LstmSpec, { classes, steps }: TextTask, seed: number): Network {
  const assembly = createAssembly(seed);
  const { embedding_features, hidden_features, layers } = spec;
  assembly.addParameter("embedding", [embedding_features, classes], { std: 1 });
  const recurrences = Array.from({ length: layers }, (_, layer) =>
    addLayer(
      assembly,
      `layer${layer}`,
      layer === 0 ? embedding_features : hidden_features,
      hidden_features,
      steps,
    ),
  );
  const head = assembly.addProduct("head", hidden_features, classes, { uses: steps });
  return {
    name: spec.kind,
    parameters: assembly.parameters,
    products: assembly.products,
    inputsPerExample: steps,
    rowsPerExample: steps,
    classes,
    forward: ({ examples, inputs }, parameterOf, execute) => {
      const pass: Pass = { parameterOf, execute };
      const ids = tf.transpose(tf.tensor2d(inputs as Int32Array, [examples, steps], "int32"));
      const oneHot = tf.oneHot(tf.reshape(ids, [steps * examples]), classes);
      const embedded = linear(
        tf.cast(oneHot, "float32") as tf.Tensor2D,
        parameterOf("embedding") as tf.Tensor2D,
      );
      const top = recurrences.reduce((x, layer) => layer(pass, x, examples), embedded);
      return head(pass, byExample(top, steps, examples));
    },
  };
}

/** Rows from [step][example] to [example][step]. */
function byExample(x: tf.Tensor2D, steps: number, examples: number): tf.Tensor2D {
  const cols = x.shape[1];
  const turned = tf.transpose(tf.reshape(x, [steps, examples, cols]), [1, 0, 2]);
  return tf.reshape(turned, [examples * steps, cols]);
}

function addLayer(
  { addProduct, parameters }: Assembly,
  name: string,
  inputs: number,
  hidden: number,
  steps: number,
): Recurrence {
  const input = addProduct(`${name}.input`, inputs, 4 * hidden, {
    uses: steps,
    order: "by-step",
  });
  parameters.at(-1)!.initial.fill(FORGET_BIAS, hidden, 2 * hidden);
  const recurrent = addProduct(`${name}.recurrent`, hidden, 4 * hidden, {
    uses: steps,
    calls: steps,
    order: "by-step",
  });
  return (pass, x, examples) => {
    const driven = splitRows(input(pass, x), steps);
    let h: tf.Tensor2D = tf.zeros([examples, hidden]);
    let c: tf.Tensor2D = h;
    const outputs = driven.map((fromInput) => {
      const gates = openGates(tf.add(fromInput, recurrent(pass, h)) as tf.Tensor2D);
      c = nextState(gates, c);
      h = cellOutput(gates, c);
      return h;
    });
    return joinRows(outputs);
  };
}
