/** A design space, checked as far as that needs no other file. */
import { InputError, type Issue } from "../model/issue.ts";
import type { Direction, Sweep, SweepSearch } from "../model/sweep.ts";
import { compileExpression, type Expression } from "./expression.ts";
import { type PointRow, REPORT_COLUMNS, RESERVED_COLUMNS, semOf } from "./row.ts";
import { MOST_SOBOL_DIMENSIONS } from "./search/sobol.ts";
import { expandVariable, type Variable } from "./variables.ts";

export interface Objective {
  readonly name: string;
  readonly expression: Expression;
  readonly direction: Direction;
}

export interface Space {
  readonly name: string;
  readonly variables: readonly Variable[];
  readonly objectives: readonly Objective[];
  /** Of variables only: a point that breaks one does not exist. */
  readonly pointConstraints: readonly Expression[];
  /** Of report fields too: a point that breaks one is infeasible. */
  readonly rowConstraints: readonly Expression[];
  readonly search: SweepSearch;
  readonly screening: Sweep["screening"];
  readonly survivors: NonNullable<Sweep["survivors"]> | null;
  /** Product of the numbers of values. */
  readonly combinations: number;
}

/** More would not end on any machine that runs this. */
const MOST_COMBINATIONS = 1e8;

/** Fields that only a measurement fills. */
const MEASURED = [
  "nll_sem_nats",
  "perplexity_sem",
  "next_token_accuracy_frac",
  "next_token_accuracy_sem",
  "accuracy_frac",
  "accuracy_sem",
  "kl_nats",
];
/** Fields that the surrogate fills, too. */
const PREDICTED = [
  "nll_nats",
  "perplexity",
  "predicted_nll_rise_nats",
  "predicted_nll_nats",
  "predicted_perplexity",
];

const isIssue = (value: object): value is Issue => "found" in value && "allowed" in value;

/** @throws InputError with every issue */
export function createSpace(sweep: Sweep, file: string): Space {
  const issues: Issue[] = [];
  const keep = <T extends object>(value: T | Issue): T[] => {
    if (!isIssue(value)) return [value];
    issues.push(value);
    return [];
  };
  const variables = [
    ...sweep.variables.flatMap((v, i) => keep(expandVariable(v, `/variables/${i}`))),
    ...placementVariable(sweep),
  ];
  issues.push(...nameIssues(variables));
  const known = [...FIELDS, ...variables.map(({ name }) => name)];
  const objectives = sweep.objectives.flatMap((o, i) =>
    keep(objective(o, known, variables, `/objectives/${i}`)),
  );
  const constraints = (sweep.constraints ?? []).flatMap((text, i) =>
    keep(compileExpression(text, known, `/constraints/${i}`)),
  );
  const search = sweep.search ?? { kind: "full" };
  const combinations = variables.reduce((product, { values }) => product * values.length, 1);
  issues.push(
    ...objectiveNameIssues(objectives, variables),
    ...accuracyIssues(sweep, [...objectives.map((o) => o.expression), ...constraints]),
    ...searchIssues(search, combinations, variables.length),
  );
  if (issues.length > 0) throw new InputError(file, issues);
  const names = variables.map(({ name }) => name);
  const isOfVariables = ({ symbols }: Expression): boolean =>
    symbols.every((symbol) => names.includes(symbol));
  return {
    name: sweep.name,
    variables,
    objectives,
    pointConstraints: constraints.filter(isOfVariables),
    rowConstraints: constraints.filter((c) => !isOfVariables(c)),
    search,
    screening: sweep.screening,
    survivors: sweep.survivors ?? null,
    combinations,
  };
}

/** Fields that expressions may read. */
const FIELDS: readonly string[] = [
  ...REPORT_COLUMNS.map(({ name }) => name),
  "predicted_nll_nats",
  "predicted_perplexity",
];

/** Several placements of the base are one more variable. */
function placementVariable({ base: { placements } }: Sweep): Variable[] {
  if (placements.length === 1) return [];
  return [
    {
      name: "placement",
      pointers: ["/placement"],
      values: placements,
      assigned: placements.map((placement) => [placement]),
      ordered: false,
    },
  ];
}

function nameIssues(variables: readonly Variable[]): Issue[] {
  const issues: Issue[] = [];
  const add = (i: number, found: string, allowed: string): void => {
    issues.push({ pointer: `/variables/${i}`, found, allowed });
  };
  variables.forEach(({ name, pointers }, i) => {
    const isPlacement = name === "placement" && pointers.join() === "/placement";
    if (variables.findIndex((v) => v.name === name) < i)
      add(i, `a second variable called ${name}`, 'names that differ: give it a "name"');
    else if (!/^[A-Za-z_]\w*$/.test(name))
      add(i, `the name "${name}"`, 'a name of letters, digits and _: give it a "name"');
    else if (RESERVED_COLUMNS.includes(name) && !isPlacement)
      add(i, `the name ${name}, which every row has`, 'another name: give it a "name"');
    const twice = pointers.find((p) =>
      variables.some((v, j) => j < i && v.pointers.some((other) => other === p)),
    );
    if (twice !== undefined)
      add(i, `${twice}, which another variable changes`, "each field in one variable");
  });
  return issues;
}

function objective(
  { name, expression: text, direction }: Sweep["objectives"][number],
  known: readonly string[],
  variables: readonly Variable[],
  pointer: string,
): Objective | Issue {
  const expression = compileExpression(text, known, `${pointer}/expression`);
  if (isIssue(expression)) return expression;
  const isField = known.includes(text);
  if (name === undefined && !isField)
    return { pointer, found: `"${text}" without a name`, allowed: 'a "name" for its column' };
  if (name === undefined || name === text) return { name: text, expression, direction };
  const taken = RESERVED_COLUMNS.includes(name) || variables.some((v) => v.name === name);
  if (taken)
    return {
      pointer: `${pointer}/name`,
      found: `${name}, which is another column`,
      allowed: "a new name",
    };
  return { name, expression, direction };
}

function objectiveNameIssues(
  objectives: readonly Objective[],
  variables: readonly Variable[],
): Issue[] {
  return objectives.flatMap(({ name }, i) => {
    const pointer = `/objectives/${i}`;
    if (objectives.findIndex((o) => o.name === name) < i)
      return [{ pointer, found: `${name} a second time`, allowed: "each objective once" }];
    const clash = variables.find((v) => v.name === semOf(name));
    if (clash === undefined) return [];
    const found = `a variable ${clash.name}, the column of the standard error of ${name}`;
    return [{ pointer, found, allowed: "another name for the variable" }];
  });
}

function accuracyIssues({ screening, base }: Sweep, expressions: readonly Expression[]): Issue[] {
  const used = new Set(expressions.flatMap(({ symbols }) => symbols));
  const reads = [...MEASURED, ...PREDICTED].filter((field) => used.has(field));
  const wanted = screening.accuracy !== "none";
  if (base.checkpoint === undefined && base.workload === undefined)
    return [{ pointer: "/base", found: "no model", allowed: "workload, checkpoint, or both" }];
  if (reads.length > 0 && !wanted)
    return [
      {
        pointer: "/screening/accuracy",
        found: `"none", and expressions of ${reads.join(", ")}`,
        allowed: "predicted or measured",
      },
    ];
  const measured = MEASURED.filter((field) => used.has(field));
  if (measured.length > 0 && screening.accuracy === "predicted")
    return [
      {
        pointer: "/screening/accuracy",
        found: `"predicted", and expressions of ${measured.join(", ")}`,
        allowed: `measured, or expressions of ${PREDICTED.join(", ")}`,
      },
    ];
  return [];
}

function searchIssues(search: SweepSearch, combinations: number, dimensions: number): Issue[] {
  const pointer = "/search";
  if (search.kind === "full" && combinations > MOST_COMBINATIONS)
    return [
      {
        pointer,
        found: `${combinations.toExponential(1)} combinations, all of them`,
        allowed: `at most ${MOST_COMBINATIONS.toExponential(0)}`,
        hint: "sobol, latin-hypercube or nsga2 look at some of them",
      },
    ];
  if (search.kind === "sobol" && dimensions > MOST_SOBOL_DIMENSIONS)
    return [
      {
        pointer,
        found: `${dimensions} variables`,
        allowed: `at most ${MOST_SOBOL_DIMENSIONS} for sobol`,
        hint: "latin-hypercube has no such bound",
      },
    ];
  return [];
}

/** The point that a row is of. */
export const levelsOfRow = ({ variables }: Pick<Space, "variables">, row: PointRow): number[] =>
  variables.map(({ name, values }) => values.indexOf(row[name] ?? null));
