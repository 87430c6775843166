#!/usr/bin/env node
import { toExitCode } from "./cli/exit.ts";
import { runProgram } from "./cli/program.ts";

process.exitCode = await toExitCode(
  () => runProgram(process.argv.slice(2)),
  (text) => process.stderr.write(text),
);
