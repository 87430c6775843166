/** Pieces of SVG as text. The same code draws in files and, in the browser, what users pick. */

/** Text that may stand between tags and within quotes, whatever it is. */
export const escapeText = (text: string): string =>
  text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    .replaceAll("'", "&#39;")
    // Control characters may not stand in XML, not even escaped.
    .replaceAll(/[^\P{Cc}\t\n\r]|[\ufffe\uffff]/gu, "\ufffd");

/** Coordinates to a hundredth: smaller files, and the same text on every machine. */
export const px = (value: number): string => String(Math.round(value * 100) / 100);

/** Width that text takes, about: fonts differ by some percent. */
export function textWidth(text: string, size: number): number {
  let ems = 0;
  for (const char of text)
    ems += /[iljtfrI.,:;'|()[\] -]/.test(char) ? 0.36 : /[mwMW%µ]/.test(char) ? 0.88 : 0.61;
  return ems * size;
}

/** Shortened in the middle, so that what tells names apart, often the end, stays. */
export function fitted(text: string, size: number, width: number): string {
  const whole = textWidth(text, size);
  if (whole <= width) return text;
  const most = Math.max(4, Math.floor((text.length * width) / whole));
  const tail = Math.floor((most - 1) / 2);
  return `${text.slice(0, most - 1 - tail)}…${text.slice(text.length - tail)}`;
}

export interface TextStyle {
  readonly size?: number;
  readonly anchor?: "start" | "middle" | "end";
  readonly color?: string;
  readonly bold?: boolean;
}

export function label(x: number, y: number, text: string, style: TextStyle = {}): string {
  const { size = 12, anchor = "start", color = "var(--ink)", bold = false } = style;
  const weight = bold ? ' font-weight="600"' : "";
  return `<text x="${px(x)}" y="${px(y)}" font-size="${size}" text-anchor="${anchor}" fill="${color}"${weight}>${escapeText(text)}</text>`;
}

export const line = (x1: number, y1: number, x2: number, y2: number, color: string): string =>
  `<line x1="${px(x1)}" y1="${px(y1)}" x2="${px(x2)}" y2="${px(y2)}" stroke="${color}"/>`;

/** A rectangle; `title` is what a pointer shows. */
export function box(
  x: number,
  y: number,
  width: number,
  height: number,
  fill: string,
  title = "",
): string {
  const shape = `<rect x="${px(x)}" y="${px(y)}" width="${px(Math.max(0, width))}" height="${px(height)}" fill="${fill}"`;
  return title === "" ? `${shape}/>` : `${shape}><title>${escapeText(title)}</title></rect>`;
}

/** A whole drawing. @param summary what it shows, for those who do not see it */
export function drawing(width: number, height: number, summary: string, content: string): string {
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${px(width)} ${px(height)}" width="${px(width)}" height="${px(height)}" role="img" aria-label="${escapeText(summary)}" font-family="system-ui, 'DejaVu Sans', sans-serif">${content}</svg>`;
}
