/** What the schema of networks cannot say. */
import type { Issue } from "../model/issue.ts";
import type { Network, NetworkLayer } from "../model/network.ts";
import { networkMatrices } from "../model/network-matrices.ts";
import { type FieldShape, layerInputs, outputShape, positionsOf } from "../model/network-shapes.ts";
import type { Check } from "./validate.ts";
import { show } from "./wording.ts";

const at = (layer: number, field: string): string => `/layers/${layer}/${field}`;

/** Names differ, and `from` and `with` name earlier layers. */
const checkNames: Check<Network> = (network) => {
  const issues: Issue[] = [];
  const known = new Set(["input"]);
  const inputs = layerInputs(network);
  network.layers.forEach((layer, i) => {
    const earlier = `\`input\` or an earlier layer: ${[...known].slice(1, 9).join(", ") || "none"}`;
    if (Number.isNaN(inputs[i]!.from))
      issues.push({ pointer: at(i, "from"), found: show(layer.from), allowed: earlier });
    if (layer.kind === "add" && Number.isNaN(inputs[i]!.with))
      issues.push({ pointer: at(i, "with"), found: show(layer.with), allowed: earlier });
    if (known.has(layer.name))
      issues.push({
        pointer: at(i, "name"),
        found: `${show(layer.name)} a second time`,
        allowed: "a name of its own for each layer; `input` is what the network reads",
      });
    known.add(layer.name);
  });
  return issues;
};

/** Shapes fit one another; only if names do. */
const checkShapes: Check<Network> = (network) => {
  if (checkNames(network).length > 0) return [];
  const inputs = layerInputs(network);
  const shapes: FieldShape[] = [];
  const shapeOf = (number: number): FieldShape => (number < 0 ? network.input : shapes[number]!);
  for (const [i, layer] of network.layers.entries()) {
    const { from, with: other } = inputs[i]!;
    const x = shapeOf(from);
    const output = outputShape(layer, x);
    const issues = [
      ...sizeIssues(layer, i, x, output),
      ...(other === null ? [] : sumIssues(i, x, shapeOf(other))),
    ];
    // What follows would only repeat it.
    if (issues.length > 0) return issues;
    shapes.push(output);
  }
  return [];
};

const MOST_FEATURES = 1e9;
const MOST_POSITIONS = 1e6;

const text = ({ rows, cols, features }: FieldShape): string => `${rows} x ${cols} x ${features}`;

function sizeIssues(layer: NetworkLayer, i: number, x: FieldShape, output: FieldShape): Issue[] {
  const pointer = `/layers/${i}`;
  if (output.rows < 1 || output.cols < 1)
    return [
      { pointer, found: `a window larger than its input of ${text(x)}`, allowed: "one that fits" },
    ];
  if (output.features > MOST_FEATURES || positionsOf(output) > MOST_POSITIONS)
    return [
      {
        pointer,
        found: `an output of ${text(output)}`,
        allowed: `at most ${MOST_POSITIONS} positions of ${MOST_FEATURES} features`,
      },
    ];
  if (layer.kind === "attention" && x.features % layer.heads !== 0)
    return [
      {
        pointer: at(i, "heads"),
        found: `${layer.heads} heads for ${x.features} features`,
        allowed: "a divisor of the features",
      },
    ];
  return [];
}

function sumIssues(i: number, x: FieldShape, other: FieldShape): Issue[] {
  if (text(x) === text(other)) return [];
  return [
    {
      pointer: at(i, "with"),
      found: `${text(x)} and ${text(other)}`,
      allowed: "two layers of one shape",
    },
  ];
}

/** A stream is one position at a time, and what looks around itself has no place in it. */
const checkStream: Check<Network> = ({ stream, input, layers }) => {
  if (!stream) return [];
  const issues: Issue[] = [];
  if (positionsOf(input) !== 1)
    issues.push({
      pointer: "/input",
      found: `${input.rows} x ${input.cols} positions`,
      allowed: "1 x 1: a stream comes one position at a time",
    });
  const needsAll = new Set(["conv", "pool", "attention", "global-mean", "flatten"]);
  layers.forEach(({ kind }, i) => {
    if (needsAll.has(kind))
      issues.push({
        pointer: at(i, "kind"),
        found: `"${kind}" in a stream`,
        allowed: "layers that need one position at a time",
      });
  });
  return issues;
};

const MOST_MATRICES = 1e6;

/** There is something to place, and not more of it than lists can hold. */
const checkMatrices: Check<Network> = (network) => {
  if (checkNames(network).length > 0 || checkShapes(network).length > 0) return [];
  const wanted = network.layers.reduce((n, l) => n + ("copies" in l ? (l.copies ?? 1) : 1), 0);
  if (wanted > MOST_MATRICES)
    return [
      {
        pointer: "/layers",
        found: `${wanted} copies of weights`,
        allowed: `at most ${MOST_MATRICES}`,
      },
    ];
  if (networkMatrices(network).some(({ module }) => module !== "embedding")) return [];
  return [{ pointer: "/layers", found: "no layer with weights", allowed: "at least one" }];
};

/** Every check of a network. */
export const networkChecks: readonly Check<Network>[] = [
  checkNames,
  checkShapes,
  checkStream,
  checkMatrices,
];
