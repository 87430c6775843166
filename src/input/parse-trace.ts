import { InputError, type Issue } from "../model/issue.ts";
import type { Routing } from "../model/run.ts";

/**
 * Lines of a routing trace -> routing.
 *
 * A line is `{ "layer": L, "token": T, "experts": [e, ...] }`: the experts that token T of the
 * trace was sent to in layer L. Lines may come in any order; every layer that occurs has every
 * token once, and all lines have the same number of experts. Whether the trace fits a model is
 * checked where the model is known.
 *
 * @throws InputError for lines that are none, or a trace with holes
 */
export function createRoutingTrace(lines: readonly unknown[], file: string): Routing {
  const issues: Issue[] = [];
  const byLayer = new Map<number, Map<number, readonly number[]>>();
  lines.forEach((line, i) => {
    const entry = asEntry(line);
    const issue = entry === null ? WRONG_LINE : store(byLayer, entry);
    if (issue !== null) issues.push({ ...issue, pointer: `/${i}` });
  });
  if (lines.length === 0) issues.push({ pointer: "", found: "no line", allowed: "at least one" });
  if (issues.length === 0) issues.push(...holes(byLayer));
  if (issues.length > 0) throw new InputError(file, issues.slice(0, MOST_ISSUES));
  return { kind: "trace", name: file, experts: flatten(byLayer) };
}

const MOST_ISSUES = 20;

interface Entry {
  readonly layer: number;
  readonly token: number;
  readonly experts: readonly number[];
}

type Layers = ReadonlyMap<number, ReadonlyMap<number, readonly number[]>>;

const isIndex = (value: unknown): value is number =>
  Number.isInteger(value) && (value as number) >= 0 && (value as number) < 2 ** 31;

function asEntry(line: unknown): Entry | null {
  if (typeof line !== "object" || line === null) return null;
  const { layer, token, experts } = line as Partial<Entry>;
  const isEntry =
    isIndex(layer) &&
    isIndex(token) &&
    Array.isArray(experts) &&
    experts.length > 0 &&
    experts.every(isIndex);
  return isEntry ? { layer, token, experts } : null;
}

const WRONG_LINE: Omit<Issue, "pointer"> = {
  found: "a line of another form",
  allowed: '{ "layer": number, "token": number, "experts": [number, ...] }',
};

function store(
  byLayer: Map<number, Map<number, readonly number[]>>,
  { layer, token, experts }: Entry,
): Omit<Issue, "pointer"> | null {
  const tokens = byLayer.get(layer) ?? new Map<number, readonly number[]>();
  byLayer.set(layer, tokens);
  if (tokens.has(token))
    return { found: `layer ${layer}, token ${token} a second time`, allowed: "each once" };
  if (new Set(experts).size < experts.length)
    return { found: "an expert twice", allowed: "different experts" };
  tokens.set(token, experts);
  return null;
}

/** Every layer must have tokens 0..n-1 of the same n, with the same number of experts. */
function holes(byLayer: Layers): Issue[] {
  const tokens = Math.max(...[...byLayer.values()].map(({ size }) => size));
  const k = [...byLayer.values()][0]!.values().next().value!.length;
  return [...byLayer].flatMap(([layer, entries]) => {
    const found: string[] = [];
    for (let token = 0; token < tokens && found.length === 0; token++) {
      const experts = entries.get(token);
      if (experts === undefined) found.push(`layer ${layer} without token ${token}`);
      else if (experts.length !== k)
        found.push(`layer ${layer}, token ${token} with ${experts.length} experts`);
    }
    return found.map((text) => ({
      pointer: "",
      found: text,
      allowed: `${tokens} tokens with ${k} experts in every layer`,
    }));
  });
}

/** Layers without experts stay empty. */
function flatten(byLayer: Layers): Int32Array[] {
  const layers = Math.max(...byLayer.keys()) + 1;
  return Array.from({ length: layers }, (_, layer) => {
    const entries = byLayer.get(layer);
    if (entries === undefined) return new Int32Array(0);
    return Int32Array.from(
      Array.from({ length: entries.size }, (_, token) => entries.get(token)!).flat(),
    );
  });
}
