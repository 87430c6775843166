/** Parallel coordinates and a scatter plot of up to 20,000 points, on canvas. */
import type { Exploration } from "../src/model/exploration.ts";
import { formatNamed } from "../src/report/figures/fields.ts";
import { explorationAxes, type ParallelAxis } from "../src/report/figures/parallel.ts";
import { button, colorOf, element, hideTip, menu, onWidth, showTip, tableOf } from "./dom.ts";

const HEIGHT = 340;
const TOP = 34;
const BOTTOM = 34;
const SCATTER_HEIGHT = 360;
const MARGIN = 52;
/** Axes closer than that cannot be read: the drawing scrolls instead. */
const AXIS_ROOM = 92;

/** @returns draws again, for another theme */
export function addExploration(place: HTMLElement, data: Exploration): () => void {
  const axes = explorationAxes(data);
  const n = data.points.length;
  // [axes][points], 0 at the bottom to 1 at the top; NaN where there is no value.
  const columns = axes.map((axis) => Float32Array.from(data.points, (point) => axis.place(point)));
  const ranges: ([number, number] | null)[] = axes.map(() => null);
  const isIn = new Uint8Array(n).fill(1);
  const objectives = axes.flatMap((axis, i) => (axis.isObjective ? [i] : []));
  const pick = { x: objectives[0] ?? 0, y: objectives[1] ?? objectives[0] ?? 0 };
  let pinned: number | null = null;

  const lines = canvasOf("Parallel coordinates: drag along an axis to keep a range of it");
  const dots = canvasOf("Scatter plot of two axes; click a point to read it");
  const count = element("p", { class: "note", "aria-live": "polite" });
  const detail = element(
    "div",
    { class: "aside", "aria-live": "polite" },
    element("p", {}, "Click a point to read it."),
  );

  const filter = (): void => {
    let kept = 0;
    for (let i = 0; i < n; i++) {
      isIn[i] = 1;
      for (let a = 0; a < axes.length && isIn[i] === 1; a++) {
        const range = ranges[a];
        if (range && !(columns[a]![i]! >= range[0] && columns[a]![i]! <= range[1])) isIn[i] = 0;
      }
      kept += isIn[i]!;
    }
    count.textContent = `${kept.toLocaleString("en-GB")} of ${n.toLocaleString("en-GB")} points within all ranges`;
  };

  const axisX = (a: number, width: number): number =>
    axes.length === 1 ? width / 2 : MARGIN + (a * (width - 2 * MARGIN)) / (axes.length - 1);
  const axisY = (share: number): number => HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);

  const drawLines = (): void => {
    const { context, width } = sized(lines, HEIGHT, axes.length * AXIS_ROOM);
    const path = (
      wanted: (i: number) => boolean,
      color: string,
      alpha: number,
      thick: number,
    ): void => {
      context.strokeStyle = color;
      context.globalAlpha = alpha;
      context.lineWidth = thick;
      context.beginPath();
      for (let i = 0; i < n; i++) {
        if (!wanted(i)) continue;
        let isDown = false;
        for (let a = 0; a < axes.length; a++) {
          const share = columns[a]![i]!;
          if (Number.isNaN(share)) isDown = false;
          else if (isDown) context.lineTo(axisX(a, width), axisY(share));
          else {
            context.moveTo(axisX(a, width), axisY(share));
            isDown = true;
          }
        }
      }
      context.stroke();
      context.globalAlpha = 1;
    };
    const fine = Math.max(0.04, Math.min(0.6, 300 / n));
    const isBrushed = ranges.some((range) => range !== null);
    if (isBrushed) path((i) => isIn[i] === 0, colorOf("c7"), Math.min(0.12, fine), 1);
    path(
      (i) => isIn[i] === 1 && !data.points[i]!.on_front,
      colorOf("c0"),
      isBrushed ? Math.max(fine, 0.25) : fine,
      1,
    );
    path((i) => isIn[i] === 1 && data.points[i]!.on_front, colorOf("c1"), 0.9, 1.6);
    if (pinned !== null) path((i) => i === pinned, colorOf("ink"), 1, 3);
    drawAxes(
      context,
      axes,
      ranges,
      (a) => axisX(a, width),
      axisY,
      width / Math.max(1, axes.length),
    );
  };

  const spot = (i: number, width: number): readonly [number, number] => [
    MARGIN + columns[pick.x]![i]! * (width - MARGIN - 20),
    SCATTER_HEIGHT - 40 - columns[pick.y]![i]! * (SCATTER_HEIGHT - 70),
  ];
  const drawDots = (): void => {
    const { context, width } = sized(dots, SCATTER_HEIGHT);
    drawGrid(context, axes[pick.x]!, axes[pick.y]!, width);
    const layer = (
      wanted: (i: number) => boolean,
      color: string,
      radius: number,
      alpha: number,
    ): void => {
      context.fillStyle = color;
      context.globalAlpha = alpha;
      for (let i = 0; i < n; i++) {
        if (!wanted(i)) continue;
        const [x, y] = spot(i, width);
        if (Number.isNaN(x + y)) continue;
        context.beginPath();
        context.arc(x, y, radius, 0, 6.3);
        context.fill();
      }
      context.globalAlpha = 1;
    };
    layer((i) => isIn[i] === 0, colorOf("c7"), 1.5, 0.15);
    layer(
      (i) => isIn[i] === 1 && !data.points[i]!.on_front,
      colorOf("c0"),
      2.2,
      n > 3000 ? 0.4 : 0.75,
    );
    layer((i) => isIn[i] === 1 && data.points[i]!.on_front, colorOf("c1"), 4, 1);
    if (pinned !== null) layer((i) => i === pinned, colorOf("ink"), 6, 1);
  };
  let isWaiting = false;
  const draw = (): void => {
    if (isWaiting) return;
    isWaiting = true;
    requestAnimationFrame(() => {
      isWaiting = false;
      drawLines();
      drawDots();
    });
  };

  const nearest = (event: MouseEvent): number | null => {
    const area = dots.getBoundingClientRect();
    const [x, y] = [event.clientX - area.left, event.clientY - area.top];
    let [best, least] = [-1, 144];
    for (let i = 0; i < n; i++) {
      if (isIn[i] === 0) continue;
      const [px, py] = spot(i, area.width);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least) [best, least] = [i, distance];
    }
    return best < 0 ? null : best;
  };
  dots.addEventListener("click", (event) => {
    pinned = nearest(event);
    detail.replaceChildren(...describePoint(data, pinned));
    draw();
  });
  dots.addEventListener("pointermove", (event) => {
    const point = nearest(event);
    if (point === null) hideTip();
    else showTip(pointText(data, point), event.clientX, event.clientY);
  });
  dots.addEventListener("pointerleave", hideTip);

  addBrush(lines, axes.length, axisX, axisY, (axis, range) => {
    ranges[axis] = range;
    filter();
    draw();
  });
  const names = axes.map((axis, i) => [`${i}`, axis.title] as const);
  const set = (axis: "x" | "y") => (value: string) => {
    pick[axis] = Number(value);
    draw();
  };
  const range = rangeFields(axes, (axis, own) => {
    ranges[axis] = own;
    filter();
    draw();
  });
  place.append(
    element(
      "div",
      { class: "bar" },
      range.field,
      button("Clear all ranges", () => {
        ranges.fill(null);
        range.reset();
        filter();
        draw();
      }),
    ),
    count,
    element("div", { class: "canvas" }, lines),
    element(
      "div",
      { class: "bar" },
      menu("Across", names, `${pick.x}`, set("x")),
      menu("Up", names, `${pick.y}`, set("y")),
    ),
    element("div", { class: "split" }, element("div", { class: "canvas" }, dots), detail),
  );
  filter();
  onWidth(place, draw);
  return draw;
}

function canvasOf(name: string): HTMLCanvasElement {
  return element("canvas", { role: "img", "aria-label": name });
}

/** Fits a canvas to its place and to the pixels of the screen; cleared. */
function sized(canvas: HTMLCanvasElement, height: number, least = 240) {
  const width = Math.max(least, canvas.parentElement!.clientWidth);
  const ratio = Math.min(2, devicePixelRatio);
  canvas.width = width * ratio;
  canvas.height = height * ratio;
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d")!;
  context.scale(ratio, ratio);
  return { context, width };
}

function drawAxes(
  context: CanvasRenderingContext2D,
  axes: readonly ParallelAxis[],
  ranges: readonly (readonly [number, number] | null)[],
  x: (axis: number) => number,
  y: (share: number) => number,
  room: number,
): void {
  context.font = "11px system-ui, sans-serif";
  context.textAlign = "center";
  axes.forEach((axis, a) => {
    const at = x(a);
    context.fillStyle = colorOf("ink");
    context.fillRect(at - 0.5, y(1), 1, y(0) - y(1));
    const own = ranges[a];
    if (own) {
      context.globalAlpha = 0.35;
      context.fillStyle = colorOf("c1");
      context.fillRect(at - 8, y(own[1]), 16, y(own[0]) - y(own[1]));
      context.globalAlpha = 1;
    }
    context.fillStyle = colorOf(axis.isObjective ? "accent" : "ink");
    const isLast = a === axes.length - 1 && a > 0;
    context.textAlign = a === 0 ? "left" : isLast ? "right" : "center";
    const title = a === 0 ? at - 40 : isLast ? at + 48 : at;
    context.fillText(cut(axis.title, room), title, a % 2 === 0 ? 12 : 26, room * 1.9);
    context.textAlign = "center";
    for (const { share, text } of axis.ticks) {
      const label = cut(text, room);
      const wide = context.measureText(label).width;
      context.fillStyle = colorOf("ground");
      context.globalAlpha = 0.8;
      context.fillRect(at + 4, y(share) - 7, wide + 4, 13);
      context.globalAlpha = 1;
      context.fillStyle = colorOf("muted");
      context.textAlign = "left";
      context.fillText(label, at + 6, y(share) + 4);
      context.textAlign = "center";
    }
  });
}

const cut = (text: string, room: number): string => {
  const most = Math.max(6, Math.floor((room * 1.8) / 6));
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
};

function drawGrid(
  context: CanvasRenderingContext2D,
  across: ParallelAxis,
  up: ParallelAxis,
  width: number,
): void {
  const bottom = SCATTER_HEIGHT - 40;
  context.font = "11px system-ui, sans-serif";
  context.fillStyle = colorOf("muted");
  context.strokeStyle = colorOf("rule");
  context.beginPath();
  for (const { share, text } of across.ticks) {
    const x = MARGIN + share * (width - MARGIN - 20);
    context.moveTo(x, 30);
    context.lineTo(x, bottom);
    context.textAlign = "center";
    context.fillText(text, x, bottom + 14);
  }
  for (const { share, text } of up.ticks) {
    const y = bottom - share * (SCATTER_HEIGHT - 70);
    context.moveTo(MARGIN, y);
    context.lineTo(width - 20, y);
    context.textAlign = "right";
    context.fillText(text, MARGIN - 5, y + 4);
  }
  context.stroke();
  context.textAlign = "left";
  context.fillText(`↑ ${up.title}`, 0, 14);
  context.textAlign = "right";
  context.fillText(`${across.title} →`, width - 20, bottom + 32);
}

/** Dragging along an axis keeps a range of it; a click on it lets all through again. */
function addBrush(
  canvas: HTMLCanvasElement,
  axes: number,
  x: (axis: number, width: number) => number,
  y: (share: number) => number,
  onRange: (axis: number, range: [number, number] | null) => void,
): void {
  let axis = -1;
  let from = 0;
  const shareAt = (event: PointerEvent): number => {
    const at = event.clientY - canvas.getBoundingClientRect().top;
    return Math.min(1, Math.max(0, (y(0) - at) / (y(0) - y(1))));
  };
  canvas.addEventListener("pointerdown", (event) => {
    const area = canvas.getBoundingClientRect();
    const at = event.clientX - area.left;
    axis = -1;
    for (let a = 0; a < axes; a++) if (Math.abs(x(a, area.width) - at) < 22) axis = a;
    if (axis < 0) return;
    from = shareAt(event);
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (axis < 0) return;
    const to = shareAt(event);
    onRange(axis, [Math.min(from, to) - 1e-6, Math.max(from, to) + 1e-6]);
  });
  canvas.addEventListener("pointerup", (event) => {
    if (axis >= 0 && Math.abs(shareAt(event) - from) < 0.01) onRange(axis, null);
    axis = -1;
  });
}

/** The same by keyboard: an axis, and the part of it that is kept. */
function rangeFields(
  axes: readonly ParallelAxis[],
  onRange: (axis: number, range: [number, number] | null) => void,
): { readonly field: HTMLElement; readonly reset: () => void } {
  const names = element("select");
  names.append(...axes.map((axis, i) => element("option", { value: `${i}` }, axis.title)));
  const parts = element("select");
  const options = ["all", "lowest third", "middle third", "highest third"];
  parts.append(...options.map((text, i) => element("option", { value: `${i}` }, text)));
  parts.addEventListener("change", () => {
    const part = Number(parts.value);
    onRange(Number(names.value), part === 0 ? null : [(part - 1) / 3 - 1e-6, part / 3 + 1e-6]);
  });
  names.addEventListener("change", () => {
    parts.value = "0";
  });
  const field = element(
    "div",
    { class: "bar" },
    element("label", {}, "Keep of", names),
    element("label", {}, "the", parts),
  );
  return {
    field,
    reset: () => {
      parts.value = "0";
    },
  };
}

const shown = (value: unknown, name = ""): string =>
  typeof value === "number"
    ? formatNamed(name, value)
    : value === null || value === undefined
      ? "-"
      : String(value);

const pointText = ({ points }: Exploration, i: number): string =>
  Object.entries({ ...points[i]!.variables, ...points[i]!.objectives })
    .map(([name, value]) => `${name} ${shown(value, name)}`)
    .join(", ");

function describePoint({ points, front }: Exploration, i: number | null): HTMLElement[] {
  if (i === null) return [element("p", {}, "Click a point to read it.")];
  const { index, stage, variables, objectives, feasible, on_front } = points[i]!;
  const sems = front.find((own) => own.index === index)?.objectives_sem ?? {};
  const rows = [
    ...Object.entries(variables).map(([name, value]) => [name, shown(value, name)]),
    ...Object.entries(objectives).map(([name, value]) => {
      const error = sems[name];
      return [
        name,
        error === null || error === undefined
          ? shown(value, name)
          : `${shown(value)} ± ${formatNamed(name, error)}`,
      ];
    }),
  ];
  const state = [stage, ...(feasible ? [] : ["infeasible"]), ...(on_front ? ["on the front"] : [])];
  return [
    element("h3", {}, `Point ${index}`),
    element("p", {}, state.join(", ")),
    tableOf(["Field", "Value"], rows),
  ];
}
