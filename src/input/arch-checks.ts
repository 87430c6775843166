/**
 * What the schema of chips cannot say.
 *
 * A chip whose cores cannot run a model is no issue here: it is a valid chip, and its evaluation
 * says that it is infeasible and why.
 */
import type { AnalogTile, Arch } from "../model/arch.ts";
import {
  areNeighbours,
  deadLinks,
  flitRouters,
  nodeCount,
  routerAdd_pJ,
  routerCount,
} from "../model/interconnect.ts";
import type { Issue } from "../model/issue.ts";
import type { Check } from "./validate.ts";
import { appendToken, listOr, show, wordHint } from "./wording.ts";

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);

const checkNodesHoldTiles: Check<Arch> = ({ interconnect, tiles }) => {
  const { hub_nodes, tiles_per_node } = interconnect;
  const nodes = nodeCount(interconnect);
  const needed = sum(tiles.map((tile) => tile.count));
  const room = (nodes - hub_nodes.length) * tiles_per_node;
  if (needed <= room) return [];
  const size = "rows" in interconnect ? `${interconnect.cols} x ${interconnect.rows}` : `${nodes}`;
  const each = interconnect.kind === "concentrated-mesh" ? ` x ${interconnect.concentration}` : "";
  return [
    {
      pointer: "/interconnect",
      found: `room for ${room} tiles: (${size}${each} nodes - ${hub_nodes.length} hubs) x ${tiles_per_node}`,
      allowed: `room for the ${needed} tiles of this chip`,
    },
  ];
};

const checkHubNodes: Check<Arch> = ({ interconnect }) =>
  interconnect.hub_nodes.flatMap((node, i) =>
    node < nodeCount(interconnect)
      ? []
      : [
          {
            pointer: appendToken("/interconnect/hub_nodes", i),
            found: `${node}`,
            allowed: `a node from 0 to ${nodeCount(interconnect) - 1}`,
          },
        ],
  );

/** A chip that dead links cut in two is no issue here: its evaluation says so. */
const checkDeadLinks: Check<Arch> = ({ interconnect }) => {
  const dead = deadLinks(interconnect);
  const issues = dead.flatMap(([a, b], i) =>
    areNeighbours(interconnect, a!, b!)
      ? []
      : [
          {
            pointer: `/interconnect/dead_links/${i}`,
            found: `routers ${a} and ${b}, which no link joins`,
            allowed: `two neighbours among routers 0 to ${routerCount(interconnect) - 1}`,
          },
        ],
  );
  if (dead.length === 0 || !("routing" in interconnect) || interconnect.routing !== "xy")
    return issues;
  return [
    ...issues,
    {
      pointer: "/interconnect/routing",
      found: '"xy", which cannot go around dead links',
      allowed: '"table"',
    },
  ];
};

/** Flits need whole cycles, and ways on which messages cannot wait for one another in a ring. */
const checkFlits: Check<Arch> = ({ interconnect }) => {
  const flits = flitRouters(interconnect);
  if (flits === null) return [];
  const issues = clockIssues("/interconnect/flits/clock_GHz", flits.clock_GHz);
  const cycles = interconnect.hop_ns * flits.clock_GHz;
  if (cycles < 3 || Math.abs(cycles - Math.round(cycles)) > PERIOD_TOLERANCE * cycles)
    issues.push({
      pointer: "/interconnect/hop_ns",
      found: `${interconnect.hop_ns}, ${Number(cycles.toPrecision(6))} cycles of a router`,
      allowed: "a whole number of router cycles, at least 3, with flits",
    });
  const others: readonly [string, boolean][] = [
    ["reduction", routerAdd_pJ(interconnect) !== null],
    ["dead_links", deadLinks(interconnect).length > 0],
  ];
  for (const [field, isThere] of others)
    if (isThere)
      issues.push({
        pointer: `/interconnect/${field}`,
        found: `${field} together with flits`,
        allowed: "one of the two",
      });
  return issues;
};

/** Checks of one kind of tile; pointers relative to it. */
const TILE_CHECKS: readonly Check<AnalogTile>[] = [
  ({ input: { encoding, bits, bits_per_phase } }) => {
    const found = `${bits_per_phase}`;
    const pointer = "/input/bits_per_phase";
    if (encoding !== "bit-serial" && bits_per_phase !== bits)
      return [{ pointer, found, allowed: `${bits}, the bits of the input, with ${encoding}` }];
    if (bits % bits_per_phase !== 0)
      return [{ pointer, found, allowed: `a divisor of the ${bits} bits of the input` }];
    return [];
  },
  ({ crossbar: { cols, slices } }) =>
    cols % slices === 0
      ? []
      : [
          {
            pointer: "/crossbar/slices",
            found: `${slices}`,
            allowed: `a divisor of the ${cols} columns, so that whole weights fit on a row`,
          },
        ],
  ({ crossbar: { cols }, output: { columns_per_adc } }) =>
    columns_per_adc <= cols
      ? []
      : [
          {
            pointer: "/output/columns_per_adc",
            found: `${columns_per_adc}`,
            allowed: `at most the ${cols} columns of the crossbar`,
          },
        ],
  ({ crossbar: { cell_bits, slices } }) =>
    cell_bits === undefined || cell_bits * slices <= 32
      ? []
      : [
          {
            pointer: "/crossbar/cell_bits",
            found: `${slices} slices of ${cell_bits} bits`,
            allowed: "weights of at most 32 bits",
          },
        ],
  ({ cost, output }) => {
    if (cost.kind !== "components" || cost.adc.energy.kind !== "survey") return [];
    const { effective_bits } = cost.adc.energy;
    if (effective_bits >= 4 && effective_bits <= output.bits) return [];
    return [
      {
        pointer: "/cost/adc/energy/effective_bits",
        found: `${effective_bits}`,
        allowed: `a number from 4 to the ${output.bits} bits of the ADC`,
        hint: "the survey's bound holds from 4 bits on",
      },
    ];
  },
];

const checkTiles: Check<Arch> = ({ tiles }) =>
  tiles.flatMap((tile, i) =>
    TILE_CHECKS.flatMap((check) => check(tile)).map((issue) => ({
      ...issue,
      pointer: `/tiles/${i}${issue.pointer}`,
    })),
  );

const checkMemoryNames: Check<Arch> = (arch) => {
  const known = arch.memories.map((memory) => memory.name);
  const asked: [string, string][] = [
    ["/weight_memory", arch.weight_memory],
    ["/activation_memory", arch.activation_memory],
    ...arch.kv_memories.map((name, i): [string, string] => [`/kv_memories/${i}`, name]),
  ];
  return asked
    .filter(([, name]) => !known.includes(name))
    .map(([pointer, name]) => {
      const hint = wordHint(name, known);
      const issue = {
        pointer,
        found: show(name),
        allowed: `a memory of this chip: ${listOr(known.map(show))}`,
      };
      return hint === undefined ? issue : { ...issue, hint };
    });
};

/** Reports tell parts apart by name. */
const checkUniqueNames: Check<Arch> = (arch) => {
  const lists: readonly [string, readonly { readonly name: string }[]][] = [
    ["/tiles", arch.tiles],
    ["/cores", arch.cores],
    ["/memories", arch.memories],
    ["/fixed", arch.fixed],
    ...arch.tiles.map((tile, i): [string, readonly { readonly name: string }[]] => [
      `/tiles/${i}/fixed`,
      tile.fixed ?? [],
    ]),
  ];
  return lists.flatMap(([pointer, parts]) => duplicates(pointer, parts));
};

function duplicates(pointer: string, parts: readonly { readonly name: string }[]): Issue[] {
  return parts.flatMap(({ name }, i) => {
    const first = parts.findIndex((part) => part.name === name);
    if (first === i) return [];
    return [
      {
        pointer: `${pointer}/${i}/name`,
        found: `${show(name)}, the name of ${pointer}/${first} too`,
        allowed: "names that differ",
      },
    ];
  });
}

const checkKvMemories: Check<Arch> = ({ kv_memories }) =>
  kv_memories.flatMap((name, i) =>
    kv_memories.indexOf(name) === i
      ? []
      : [
          {
            pointer: `/kv_memories/${i}`,
            found: `${show(name)} a second time`,
            allowed: "each memory once",
          },
        ],
  );

/** Time is counted in whole picoseconds, so clock periods must be whole ones. */
const checkClocks: Check<Arch> = ({ tiles, cores }) => {
  const clocks: [string, number][] = tiles.map((tile, i) => [
    `/tiles/${i}/local_unit/clock_GHz`,
    tile.local_unit.clock_GHz,
  ]);
  cores.forEach((core, i) => {
    if (core.kind !== "roofline") clocks.push([`/cores/${i}/clock_GHz`, core.clock_GHz]);
  });
  return clocks.flatMap(([pointer, clock_GHz]) => clockIssues(pointer, clock_GHz));
};

/** Relative error of a period that counts as rounding of the decimal that the file carries. */
const PERIOD_TOLERANCE = 1e-6;

function clockIssues(pointer: string, clock_GHz: number): Issue[] {
  const period_ps = 1000 / clock_GHz;
  const whole_ps = Math.max(1, Math.round(period_ps));
  if (Math.abs(period_ps - whole_ps) <= PERIOD_TOLERANCE * whole_ps) return [];
  return [
    {
      pointer,
      found: `${clock_GHz}, a period of ${Number(period_ps.toPrecision(6))} ps`,
      allowed: "a clock whose period is a whole number of picoseconds",
      hint: `the nearest is ${Number((1000 / whole_ps).toPrecision(9))} (${whole_ps} ps)`,
    },
  ];
}

/** Every check of a chip. */
export const archChecks: readonly Check<Arch>[] = [
  checkNodesHoldTiles,
  checkHubNodes,
  checkDeadLinks,
  checkFlits,
  checkTiles,
  checkMemoryNames,
  checkKvMemories,
  checkUniqueNames,
  checkClocks,
];
