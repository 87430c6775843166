import { InputError, type Issue } from "../model/issue.ts";
import { type ScoresFile, ScoresFileSchema } from "../model/scores.ts";
import type { Workload } from "../model/workload.ts";
import { parseWith } from "./validate.ts";
import { appendToken } from "./wording.ts";

/** Unknown -> expert scores, of whatever model. */
export const parseScoresFile = (value: unknown, file: string): ScoresFile =>
  parseWith(ScoresFileSchema, value, file, []);

/**
 * Unknown -> expert scores of a model.
 *
 * @throws InputError for scores that are not those of a model of this shape
 */
export function parseScores(value: unknown, file: string, workload: Workload): ScoresFile {
  const parsed = parseScoresFile(value, file);
  const issues = Object.entries(parsed.scores).flatMap(([score, layers]) =>
    shapeIssues(appendToken("/scores", score), layers, workload),
  );
  if (issues.length > 0) throw new InputError(file, issues);
  return parsed;
}

function shapeIssues(
  pointer: string,
  layers: readonly (readonly number[])[],
  { layers: count, dense_layers, moe, name }: Workload,
): Issue[] {
  if (layers.length !== count)
    return [
      { pointer, found: `${layers.length} layers`, allowed: `${count} layers, as ${name} has` },
    ];
  const dense = new Set(dense_layers);
  return layers.flatMap((scores, layer) => {
    const experts = dense.has(layer) ? 0 : moe.experts;
    if (scores.length === experts) return [];
    const allowed = `${experts} scores, as layer ${layer} of ${name} has experts`;
    return [{ pointer: `${pointer}/${layer}`, found: `${scores.length} scores`, allowed }];
  });
}
