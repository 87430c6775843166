import { type Arch, ArchSchema } from "../model/arch.ts";
import { archChecks } from "./arch-checks.ts";
import { type LoadBase, resolveExtends } from "./extend.ts";
import { parseWith } from "./validate.ts";

/**
 * Unknown -> a valid, frozen chip, `extends` resolved.
 *
 * @param loadBase how to load the file that `extends` names; without it `extends` is refused
 * @throws InputError with every issue
 */
export function parseArch(value: unknown, file: string, loadBase?: LoadBase): Arch {
  const resolved = resolveExtends({ value, file }, loadBase);
  return parseWith(ArchSchema, resolved.value, resolved.file, archChecks);
}
