/** Elements, made in one call. Text is always text, never markup. */

export type Child = Node | string;

export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  ...children: Child[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** A menu with its label. */
export function menu(
  title: string,
  options: readonly (readonly [value: string, text: string])[],
  value: string,
  onChange: (value: string) => void,
): HTMLElement {
  const select = element("select");
  for (const [own, text] of options) {
    const option = element("option", { value: own }, text);
    option.selected = own === value;
    select.append(option);
  }
  select.addEventListener("change", () => onChange(select.value));
  return element("label", {}, title, select);
}

export function button(text: string, onClick: () => void): HTMLButtonElement {
  const made = element("button", { type: "button" }, text);
  made.addEventListener("click", onClick);
  return made;
}

/** Rows of a table; the first cell of each names it. */
export function tableOf(
  heads: readonly string[],
  rows: readonly (readonly string[])[],
): HTMLElement {
  const head = element("tr", {}, ...heads.map((text) => element("th", { scope: "col" }, text)));
  const body = rows.map((row) =>
    element(
      "tr",
      {},
      ...row.map((text, i) =>
        i === 0 ? element("th", { scope: "row" }, text) : element("td", {}, text),
      ),
    ),
  );
  const table = element("table", {}, element("thead", {}, head), element("tbody", {}, ...body));
  const name = heads.join(", ");
  return element(
    "div",
    { class: "scroll", tabindex: "0", role: "region", "aria-label": name },
    table,
  );
}

/** Calls back at once and whenever the width of an element changes. */
export function onWidth(place: HTMLElement, draw: (width: number) => void): void {
  let last = 0;
  const check = (): void => {
    const width = Math.floor(place.clientWidth);
    if (width === last || width === 0) return;
    last = width;
    draw(width);
  };
  new ResizeObserver(check).observe(place);
  check();
}

const tip = (): HTMLElement => document.getElementById("tip")!;

export function showTip(text: string, x: number, y: number): void {
  const place = tip();
  place.textContent = text;
  place.hidden = false;
  const { width, height } = place.getBoundingClientRect();
  place.style.left = `${Math.max(4, Math.min(x + 14, innerWidth - width - 8))}px`;
  place.style.top = `${Math.max(4, y + 18 + height > innerHeight ? y - height - 10 : y + 18)}px`;
}

export function hideTip(): void {
  tip().hidden = true;
}

/** Colour of a role in the theme that is on. */
export const colorOf = (role: string): string =>
  getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim();
