/** Options of `ohmoe train` and `ohmoe sensitivity`. */
import type { Options } from "yargs";
import { OUTPUT } from "../options.ts";

export const TRAIN_OPTIONS = {
  out: {
    type: "string",
    requiresArg: true,
    describe: "Folder for states, loss curve and accuracy; needed",
  },
  resume: {
    type: "boolean",
    default: false,
    describe: "Go on from the states that the folder holds",
  },
  evaluate: {
    type: "boolean",
    default: true,
    describe: "Program and score both versions at the end; --no-evaluate: only train",
  },
  seeds: {
    type: "number",
    requiresArg: true,
    describe: "Times that each version is programmed; default: the file's, or 10",
  },
  quiet: OUTPUT.quiet,
} as const satisfies Record<string, Options>;

export const SENSITIVITY_OPTIONS = {
  trained: {
    type: "string",
    requiresArg: true,
    demandOption: true,
    describe: "--out folder of `ohmoe train`",
  },
  nonideality: {
    type: "string",
    array: true,
    requiresArg: true,
    describe: "Only these; repeatable (default: all)",
  },
  others: {
    type: "string",
    requiresArg: true,
    default: "off",
    describe: "The tile's other nonidealities: off, or on as the arch has them",
  },
  seeds: {
    type: "number",
    requiresArg: true,
    default: 5,
    describe: "Times that the network is programmed for each value",
  },
  age_s: {
    type: "number",
    requiresArg: true,
    describe: "Seconds since programming; default: 1 hour",
  },
  evaluation_items: {
    type: "number",
    requiresArg: true,
    describe: "Images or windows that are scored; default: the file's",
  },
  out: {
    ...OUTPUT.out,
    describe: "Write what was found as .json or .md; repeatable",
  },
  quiet: OUTPUT.quiet,
} as const satisfies Record<string, Options>;
