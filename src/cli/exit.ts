import { InputError } from "../model/issue.ts";
import { VERSION } from "./version.ts";

/** Exit codes, also printed by `--help`. */
export const EXIT = { ok: 0, failedCheck: 1, badInput: 2, internal: 70 } as const;

/** Runs a command and turns whatever happens into an exit code. */
export async function toExitCode(
  command: () => Promise<number>,
  stderr: (text: string) => void,
): Promise<number> {
  try {
    return await command();
  } catch (error) {
    if (error instanceof InputError) {
      stderr(`${error.message}\n`);
      return EXIT.badInput;
    }
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    stderr(
      `ohmoe ${VERSION}: this is a bug; please report it with the command you typed.\n${what}\n`,
    );
    return EXIT.internal;
  }
}
