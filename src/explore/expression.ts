/** Expressions of a space file: a closed part of mathjs, on numbers. */
import { type MathNode, parse } from "mathjs/number";
import { nearest } from "../input/wording.ts";
import type { Issue } from "../model/issue.ts";
import type { Scalar } from "./row.ts";

/** Functions that expressions may call. */
export const FUNCTIONS = [
  "abs",
  "ceil",
  "exp",
  "equalText",
  "floor",
  "log",
  "log10",
  "log2",
  "max",
  "min",
  "mod",
  "pow",
  "round",
  "sqrt",
] as const;

const NODES = [
  "ConstantNode",
  "SymbolNode",
  "OperatorNode",
  "ParenthesisNode",
  "ConditionalNode",
  "RelationalNode",
  "FunctionNode",
];

export interface Expression {
  readonly text: string;
  /** Names of fields and variables that it reads. */
  readonly symbols: readonly string[];
  /** @returns null where a field that it reads is null, or the result is no finite number */
  readonly evaluate: (row: Readonly<Record<string, Scalar>>) => number | boolean | null;
}

/**
 * Compiles an expression.
 *
 * @param known names that it may read
 * @param unknown says what else to hint at for a name that is not known
 */
export function compileExpression(
  text: string,
  known: readonly string[],
  pointer: string,
): Expression | Issue {
  const node = parsed(text);
  if (typeof node === "string")
    return { pointer, found: text, allowed: "a mathjs expression", hint: node };
  const strange = strangeNode(node);
  if (strange !== null) return { pointer, found: `${text}, with ${strange}`, allowed: ALLOWED };
  const symbols = symbolsOf(node);
  const unknown = symbols.find((symbol) => !known.includes(symbol));
  if (unknown !== undefined) return unknownSymbol(text, unknown, known, pointer);
  return { text, symbols, evaluate: evaluator(node, symbols) };
}

const ALLOWED = `numbers, fields, variables, operators, "a ? b : c" and ${FUNCTIONS.join(", ")}`;

function parsed(text: string): MathNode | string {
  try {
    return parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

interface FunctionLike {
  readonly fn?: { readonly name?: string } | string;
  readonly name?: string;
}

const nameOf = (node: MathNode): string => {
  const { fn, name } = node as unknown as FunctionLike;
  return typeof fn === "object" ? (fn.name ?? "") : (name ?? "");
};

function strangeNode(root: MathNode): string | null {
  let strange: string | null = null;
  root.traverse((node) => {
    if (!NODES.includes(node.type)) strange ??= node.type;
    else if (node.type === "FunctionNode" && !FUNCTIONS.some((f) => f === nameOf(node)))
      strange ??= `${nameOf(node)}()`;
  });
  return strange;
}

/** The name of a function is a symbol to mathjs, and none to us; true and false are constants. */
function symbolsOf(root: MathNode): string[] {
  const symbols = new Set<string>();
  root.traverse((node, path) => {
    if (node.type === "SymbolNode" && path !== "fn") symbols.add(nameOf(node));
  });
  return [...symbols];
}

const FIELD_REFERENCE = "fields: docs/reference/report.md";

function unknownSymbol(
  text: string,
  unknown: string,
  known: readonly string[],
  pointer: string,
): Issue {
  const near = nearest(unknown, known) ?? known.find((name) => name.startsWith(unknown));
  return {
    pointer,
    found: text === unknown ? `"${unknown}"` : `"${unknown}" in "${text}"`,
    allowed: `a numeric field of a report's row, or a variable`,
    hint: near === undefined ? FIELD_REFERENCE : `did you mean ${near}? ${FIELD_REFERENCE}`,
  };
}

function evaluator(node: MathNode, symbols: readonly string[]): Expression["evaluate"] {
  const only = node.type === "SymbolNode" ? symbols[0] : undefined;
  const code = node.compile();
  return (row) => {
    if (only !== undefined) return usable(row[only]);
    const scope: Record<string, Scalar> = {};
    for (const symbol of symbols) {
      const value = row[symbol];
      if (value === null || value === undefined) return null;
      scope[symbol] = value;
    }
    return usable(code.evaluate(scope));
  };
}

const usable = (value: unknown): number | boolean | null =>
  typeof value === "boolean" || (typeof value === "number" && Number.isFinite(value))
    ? value
    : null;
