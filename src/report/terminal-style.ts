/** How a terminal is written to. */
export interface TerminalStyle {
  /** Bold and colour may be used. */
  readonly color: boolean;
  readonly width: number;
}

export const PLAIN: TerminalStyle = { color: false, width: 80 };

const ESCAPE = "\u001b[";

export const bold = (text: string, { color }: TerminalStyle): string =>
  color ? `${ESCAPE}1m${text}${ESCAPE}22m` : text;
export const good = (text: string, { color }: TerminalStyle): string =>
  color ? `${ESCAPE}32m${text}${ESCAPE}39m` : text;
export const dim = (text: string, { color }: TerminalStyle): string =>
  color ? `${ESCAPE}2m${text}${ESCAPE}22m` : text;

/** Characters that text takes on the screen. */
export const visibleLength = (text: string): number =>
  text
    .split(ESCAPE)
    .reduce((sum, part, i) => sum + part.length - (i === 0 ? 0 : part.indexOf("m") + 1), 0);

const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** A bar of at most `width` characters, to an eighth of one; what is not nothing shows. */
export function bar(share: number, width: number): string {
  const eighths = Math.max(
    share > 0 ? 1 : 0,
    Math.round(Math.min(1, Math.max(0, share)) * width * 8),
  );
  return "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8]!;
}
