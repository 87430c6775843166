/** A line chart with error bars as SVG: a few curves, nothing else. */

export interface Curve {
  readonly label: string;
  readonly points: readonly { readonly x: number; readonly y: number; readonly error: number }[];
}

export interface Chart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly curves: readonly Curve[];
}

const [WIDTH, HEIGHT] = [640, 400];
const BOX = { left: 64, right: 620, top: 36, bottom: 350 };
/** Okabe and Ito, "Color Universal Design", 2008: told apart by colour-blind readers, too. */
const COLOURS = ["#000000", "#999999", "#0072b2", "#e69f00", "#d55e00", "#009e73", "#cc79a7"];
const DASHES = ["", "2 3", "", "6 3", "", "8 2 2 2", ""];

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
const text = (x: number, y: number, content: string, more = ""): string =>
  `<text x="${x}" y="${y}" ${more}>${escaped(content)}</text>`;

/** A step of 1, 2 or 5 times a power of ten that cuts a range into at most seven. */
function stepOf(range: number): number {
  const power = 10 ** Math.floor(Math.log10(range / 7));
  return [1, 2, 5, 10].map((n) => n * power).find((step) => range / step <= 7) ?? 10 * power;
}

export function lineChart({ title, x, y, curves }: Chart): string {
  const points = curves.flatMap((curve) => curve.points);
  const most = (values: readonly number[]): number => Math.max(1e-9, ...values);
  const [mostX, mostY] = [most(points.map((p) => p.x)), most(points.map((p) => p.y + p.error))];
  const atX = (value: number): number => BOX.left + (value / mostX) * (BOX.right - BOX.left);
  const atY = (value: number): number => BOX.bottom - (value / mostY) * (BOX.bottom - BOX.top);
  const place = (value: number): string => value.toFixed(1);
  const ticks = (range: number): number[] => {
    const step = stepOf(range);
    return Array.from({ length: Math.floor(range / step + 1e-9) + 1 }, (_, i) => i * step);
  };
  const axes = [
    ...ticks(mostX).map((value) =>
      text(
        atX(value),
        BOX.bottom + 18,
        String(Number(value.toPrecision(6))),
        'text-anchor="middle"',
      ),
    ),
    ...ticks(mostY).flatMap((value) => [
      `<path d="M${BOX.left} ${place(atY(value))}H${BOX.right}" stroke="#ddd"/>`,
      text(BOX.left - 6, atY(value) + 4, String(Number(value.toPrecision(6))), 'text-anchor="end"'),
    ]),
  ];
  const lines = curves.flatMap(({ label, points: own }, i) => {
    const colour = COLOURS[i % COLOURS.length]!;
    const path = own.map((p, j) => `${j === 0 ? "M" : "L"}${place(atX(p.x))} ${place(atY(p.y))}`);
    const bars = own
      .filter(({ error }) => error > 0)
      .map((p) => `M${place(atX(p.x))} ${place(atY(p.y - p.error))}V${place(atY(p.y + p.error))}`);
    const height = BOX.top + 14 + 18 * i;
    return [
      `<path d="${path.join("")}" fill="none" stroke="${colour}" stroke-width="2" stroke-dasharray="${DASHES[i % DASHES.length]}"/>`,
      `<path d="${bars.join("")}" stroke="${colour}"/>`,
      `<path d="M${BOX.left + 12} ${height - 4}h28" stroke="${colour}" stroke-width="2" stroke-dasharray="${DASHES[i % DASHES.length]}"/>`,
      text(BOX.left + 48, height, label),
    ];
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="sans-serif" font-size="12" role="img" aria-label="${escaped(title)}">
<title>${escaped(title)}</title>
<rect width="${WIDTH}" height="${HEIGHT}" fill="#fff"/>
${text(BOX.left, 22, title, 'font-size="14"')}
${[...axes, ...lines].join("\n")}
${text((BOX.left + BOX.right) / 2, HEIGHT - 10, x, 'text-anchor="middle"')}
${text(0, 0, y, `text-anchor="middle" transform="translate(16 ${(BOX.top + BOX.bottom) / 2}) rotate(-90)"`)}
</svg>
`;
}
