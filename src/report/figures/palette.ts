/** Colours by role; pages switch them with the theme, files get the light ones. */

/** Light, dark. Text and marks keep a contrast of 4.5 and 3 to their ground. */
export const COLORS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ink: ["#1b1f24", "#e8eaed"],
  muted: ["#57606a", "#a3adb8"],
  rule: ["#d5dae0", "#39414b"],
  ground: ["#ffffff", "#14181d"],
  panel: ["#f5f7f9", "#1c2229"],
  accent: ["#1f5fa8", "#7fb4f0"],
  c0: ["#2f6fb7", "#6ba6ea"],
  c1: ["#d4690c", "#f0954a"],
  c2: ["#2b8a57", "#5cc48a"],
  c3: ["#a83e75", "#e283b4"],
  c4: ["#82683a", "#c9ab74"],
  c5: ["#1f8f9f", "#56c5d4"],
  c6: ["#6f55b0", "#a991e6"],
  c7: ["#8b939c", "#79838e"],
  s0: ["#eef3f8", "#1d2731"],
  s1: ["#d5e3f1", "#20374d"],
  s2: ["#b3cfe8", "#234868"],
  s3: ["#8cb6dc", "#285c87"],
  s4: ["#629bcd", "#3173a8"],
  s5: ["#4180bb", "#438cc6"],
  s6: ["#2b67a3", "#62a7de"],
  s7: ["#1c4f86", "#8cc2ec"],
  s8: ["#123866", "#bcdcf6"],
};

/** What `index` in a list of categories is drawn with; the last colour is that of "all else". */
export const categoryColor = (index: number): string => `var(--c${Math.min(index, 7)})`;
export const CATEGORIES = 8;

const STEPS = 9;

/** Colour of a value between the least and the most. */
export function stepColor(value: number, least: number, most: number): string {
  const share = most > least ? (value - least) / (most - least) : 0;
  return `var(--s${Math.min(STEPS - 1, Math.max(0, Math.floor(share * STEPS)))})`;
}

/** Ink that can be read on `stepColor`. */
export function inkOnStep(value: number, least: number, most: number): string {
  const share = most > least ? (value - least) / (most - least) : 0;
  return share >= 5 / STEPS ? "var(--ground)" : "var(--ink)";
}

/** The style sheet's definitions of the colours of one theme. */
export const colorRules = (theme: 0 | 1): string =>
  Object.entries(COLORS)
    .map(([name, colors]) => `--${name}:${colors[theme]}`)
    .join(";");

/** A drawing that stands alone: light colours in place of variables, and a ground. */
export function standalone(svg: string): string {
  const colored = svg.replaceAll(
    /var\(--(\w+)\)/g,
    (whole, name: string) => COLORS[name]?.[0] ?? whole,
  );
  return colored.replace(/(<svg[^>]*>)/, '$1<rect width="100%" height="100%" fill="#ffffff"/>');
}
