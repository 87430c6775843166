import { chipComponents } from "../cost/area.ts";
import { createPriceList, type PriceList } from "../cost/price.ts";
import { createTopology } from "../interconnect/index.ts";
import { withPorts } from "../interconnect/ports.ts";
import { createRouteTable, type RouteInterner } from "../interconnect/route-table.ts";
import type { TokenGroup } from "../lowering/context.ts";
import type { DigitalPart } from "../lowering/cores.ts";
import type { Graph } from "../lowering/graph.ts";
import { createLowering, type GroupLowering, type Lowering } from "../lowering/lower.ts";
import { type ChooseExperts, createRouting } from "../lowering/routing.ts";
import type { Fits } from "../mapping/map.ts";
import type { Mapping } from "../mapping/mapping.ts";
import type { Arch } from "../model/arch.ts";
import type { BreakdownRow } from "../model/evaluation.ts";
import { flitRouters } from "../model/interconnect.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { CostOptions, Level } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { fillUniforms } from "../random/philox.ts";
import type { OpGraph, Schedule } from "../timing/graph.ts";
import { psFromNs } from "../units/convert.ts";
import type { StandingPower } from "./account.ts";
import { type ClassPrices, createClassPrices } from "./prices.ts";

/** What runs a token group: a lowered model with its prices. */
export interface Machine {
  readonly arch: Arch;
  readonly lowering: GroupLowering;
  readonly routes: RouteInterner;
  readonly list: PriceList;
  readonly prices: ClassPrices;
  readonly standing: readonly StandingPower[];
  readonly level: Level;
  /** Index into `arch.memories`. */
  readonly kvMemory: number;
  readonly explain: boolean;
  /** Layers of the model, where what each of them did is wanted; null: it is not. */
  readonly detailLayers: number | null;
  readonly matrices: readonly WeightMatrix[];
  readonly mapping: Mapping;
  /** Is shown every schedule at level `simulate`. */
  readonly watch: Watch | null;
}

/** One token group, scheduled. */
export interface Watched {
  readonly machine: Machine;
  readonly phase: BreakdownRow["phase"];
  readonly group: TokenGroup;
  readonly graph: Graph;
  readonly timed: OpGraph;
  readonly schedule: Schedule;
}
export type Watch = (watched: Watched) => void;

/** That of a decoder. */
export type DecoderMachine = Machine & { readonly lowering: Lowering };

/** Prices, routes and lowering of one mapped placement. */
export function createMachine(
  arch: Arch,
  workload: Workload,
  matrices: readonly WeightMatrix[],
  { mapping, placement }: Fits,
  digital: DigitalPart,
  kvMemory: number,
  options: CostOptions,
  watch: Watch | null = null,
): DecoderMachine {
  const chooseExperts = createExpertChoice(workload, options);
  const { capacity_factor } = options;
  return assembleMachine(
    { arch, matrices, mapping, kvMemory, layers: workload.layers, watch },
    options,
    (routes) =>
      createLowering({
        arch,
        workload,
        matrices,
        placement,
        mapping,
        digital,
        kvMemory,
        routes,
        chooseExperts,
        capacity_factor,
      }),
  );
}

/** A lowering with its prices, whatever the model. */
export function assembleMachine<L extends GroupLowering>(
  model: Pick<Machine, "arch" | "matrices" | "mapping" | "kvMemory" | "watch"> & {
    readonly layers: number;
  },
  { level, explain = false, detail = false }: CostOptions,
  lower: (routes: RouteInterner) => L,
): Machine & { readonly lowering: L } {
  const { arch, matrices, mapping, kvMemory, layers, watch } = model;
  const list = createPriceList(arch);
  const routes = createRoutes(arch, list);
  const lowering = lower(routes);
  return {
    arch,
    lowering,
    routes,
    list,
    prices: createClassPrices(lowering.ops, list),
    standing: chipComponents(arch),
    level,
    kvMemory,
    // Waits for links are explained by what reserved them; flits reserve nothing.
    explain: explain && flitRouters(arch.interconnect) === null,
    detailLayers: detail ? layers : null,
    matrices,
    mapping,
    watch,
  };
}

/** Which experts the tokens of a run go to. */
export function createExpertChoice(
  { moe, layers, dense_layers }: Workload,
  { seed, routing }: Pick<CostOptions, "seed" | "routing">,
): ChooseExperts {
  return createRouting(routing, { ...moe, layers, dense_layers }, (stream, row, out) =>
    fillUniforms(out, { seed, matrix: stream, block: 0, purpose: "routing", row }),
  );
}

/** Ports take as long as links for a message, and its head no time. */
function createRoutes(arch: Arch, { hop_ps }: PriceList): RouteInterner {
  const network = createTopology(arch.interconnect);
  const ported = withPorts(network);
  const hops_ps = new Float64Array(ported.links).fill(hop_ps, 0, network.links);
  const flits = flitRouters(arch.interconnect);
  if (flits === null) return createRouteTable(ported, hops_ps, network.links);
  return createRouteTable(ported, hops_ps, network.links, {
    cycle_ps: psFromNs(1 / flits.clock_GHz),
    channels: flits.virtual_channels,
    depth: flits.buffer_flits,
  });
}
