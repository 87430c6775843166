import { readFileSync } from "node:fs";

/** A row of the component table: `kind` and whatever quantities it has. */
interface ComponentRow {
  readonly kind: string;
  readonly [quantity: string]: unknown;
}

const table = JSON.parse(
  readFileSync(new URL("../golden/components.json", import.meta.url), "utf8"),
).components;

/** A part of the table of published component costs, test/golden/components.json. */
export function components<T>(key: string): T {
  return table[key] as T;
}

/** A quantity of a row of a design. */
export function published(design: string, kind: string, quantity: string): number {
  const rows = components<{ rows: ComponentRow[] }>(design).rows;
  const value = rows.find((row) => row.kind === kind)?.[quantity];
  if (typeof value !== "number") throw new Error(`no number ${design}.${kind}.${quantity}`);
  return value;
}
