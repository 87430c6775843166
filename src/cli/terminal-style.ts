import type { TerminalStyle } from "../report/terminal-style.ts";

/** Colour on a terminal only, and not where NO_COLOR is set (no-color.org) or TERM is dumb. */
export function terminalStyle(stream: {
  readonly isTTY?: boolean;
  readonly columns?: number;
}): TerminalStyle {
  const { NO_COLOR = "", TERM = "" } = process.env;
  const color = stream.isTTY === true && NO_COLOR === "" && TERM !== "dumb";
  return { color, width: Math.min(80, stream.columns ?? 80) };
}
