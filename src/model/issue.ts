/** One thing wrong with one place of one input. */
export interface Issue {
  /** JSON pointer into the file, RFC 6901; "" is the whole document. */
  readonly pointer: string;
  readonly found: string;
  readonly allowed: string;
  readonly hint?: string;
}

/**
 * The one way to say that a user's input is wrong; the shell prints it and exits with 2.
 *
 * Holds every issue of one file (or option), so that the user sees all of them at once.
 */
export class InputError extends Error {
  readonly file: string;
  readonly issues: readonly Issue[];
  constructor(file: string, issues: readonly Issue[]) {
    super(issues.map((issue) => formatIssue(file, issue)).join("\n"));
    this.name = "InputError";
    this.file = file;
    this.issues = issues;
  }
}

/** `arch/isaac.json#/tiles/rows: found -1; allowed: a number >= 1` */
export function formatIssue(file: string, issue: Issue): string {
  const place = issue.pointer === "" ? file : `${file}#${issue.pointer}`;
  const line = `${place}: found ${issue.found}; allowed: ${issue.allowed}`;
  return issue.hint ? `${line}\n  hint: ${issue.hint}` : line;
}

/** One error with the issues of several, for example of several options or files. */
export function mergeErrors(errors: readonly InputError[]): InputError {
  const merged = new InputError(
    errors.map(({ file }) => file).join(", "),
    errors.flatMap(({ issues }) => issues),
  );
  merged.message = errors.map(({ message }) => message).join("\n");
  return merged;
}
