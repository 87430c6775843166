import type { Issue } from "../model/issue.ts";
import {
  type NetworkSpec,
  type Training,
  type TrainingData,
  TrainingSchema,
} from "../model/training.ts";
import { parseWith } from "./validate.ts";

/** Unknown -> what to train. */
export const parseTraining = (value: unknown, file: string): Training =>
  parseWith(TrainingSchema, value, file, [checkTask, checkChapters, checkSizes, checkSteps]);

/** Which data a network can learn. */
const DATA_OF: Readonly<Record<NetworkSpec["kind"], TrainingData["kind"]>> = {
  "residual-cnn": "digits",
  encoder: "digits",
  "lstm-lm": "moby-dick",
  checkpoint: "moby-dick",
};
/** What it can predict there. */
const UNIT_OF: Readonly<Partial<Record<NetworkSpec["kind"], string>>> = {
  "lstm-lm": "characters",
  checkpoint: "tokens",
};

function checkTask({ network, data, digital }: Training): Issue[] {
  const issues: Issue[] = [];
  const kind = DATA_OF[network.kind];
  if (data.kind !== kind)
    issues.push({
      pointer: "/data/kind",
      found: JSON.stringify(data.kind),
      allowed: `"${kind}" for a network of kind "${network.kind}"`,
    });
  const unit = UNIT_OF[network.kind];
  if (data.kind === "moby-dick" && unit !== undefined && data.unit !== unit)
    issues.push({
      pointer: "/data/unit",
      found: JSON.stringify(data.unit),
      allowed: `"${unit}" for a network of kind "${network.kind}"`,
    });
  if (network.kind === "checkpoint" && digital !== undefined)
    issues.push({
      pointer: "/digital",
      found: "a recipe",
      allowed: "nothing for a checkpoint, which is trained already",
    });
  if (network.kind !== "checkpoint" && digital === undefined)
    issues.push({
      pointer: "/digital",
      found: "nothing",
      allowed: `a recipe: a network of kind "${network.kind}" starts from random weights`,
    });
  return issues;
}

const ROLES = ["training_chapters", "validation_chapters", "evaluation_chapters"] as const;

/** Nothing may be scored that was trained or tuned on. */
function checkChapters({ data }: Training): Issue[] {
  if (data.kind !== "moby-dick") return [];
  const issues: Issue[] = ROLES.filter((role) => data[role][0]! > data[role][1]!).map((role) => ({
    pointer: `/data/${role}`,
    found: JSON.stringify(data[role]),
    allowed: "[first, last] with first <= last",
  }));
  ROLES.forEach((role, i) => {
    for (const other of ROLES.slice(0, i))
      if (data[role][0]! <= data[other][1]! && data[other][0]! <= data[role][1]!)
        issues.push({
          pointer: `/data/${role}`,
          found: JSON.stringify(data[role]),
          allowed: `chapters that are not in ${other}, ${JSON.stringify(data[other])}`,
          hint: "what is trained or tuned on must not be scored",
        });
  });
  return issues;
}

function checkSizes({ network }: Training): Issue[] {
  if (network.kind !== "encoder" || network.features % network.heads === 0) return [];
  return [
    {
      pointer: "/network/heads",
      found: String(network.heads),
      allowed: `a divisor of features, ${network.features}`,
    },
  ];
}

function checkSteps({ digital, hardware_aware }: Training): Issue[] {
  const recipes = Object.entries({ digital, hardware_aware });
  return recipes.flatMap(([name, recipe]) => {
    const warmup = recipe?.schedule?.warmup_steps ?? 0;
    if (recipe === undefined || warmup <= recipe.steps) return [];
    return [
      {
        pointer: `/${name}/schedule/warmup_steps`,
        found: String(warmup),
        allowed: `at most steps, ${recipe.steps}`,
      },
    ];
  });
}
