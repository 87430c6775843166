import { chipComponents } from "../cost/area.ts";
import { createPriceList, type PriceList } from "../cost/price.ts";
import { createTopology } from "../interconnect/index.ts";
import { withPorts } from "../interconnect/ports.ts";
import { createRouteTable, type RouteInterner } from "../interconnect/route-table.ts";
import type { DigitalPart } from "../lowering/cores.ts";
import { createLowering, type Lowering } from "../lowering/lower.ts";
import { createRouting } from "../lowering/routing.ts";
import type { Fits } from "../mapping/map.ts";
import type { Arch } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { CostOptions, Level } from "../model/run.ts";
import type { Workload } from "../model/workload.ts";
import { fillUniforms } from "../random/philox.ts";
import type { StandingPower } from "./account.ts";
import { type ClassPrices, createClassPrices } from "./prices.ts";

/** What runs a token group: a lowered workload with its prices. */
export interface Machine {
  readonly arch: Arch;
  readonly lowering: Lowering;
  readonly routes: RouteInterner;
  readonly list: PriceList;
  readonly prices: ClassPrices;
  readonly standing: readonly StandingPower[];
  readonly level: Level;
  /** Index into `arch.memories`. */
  readonly kvMemory: number;
  readonly explain: boolean;
}

/** Prices, routes and lowering of one mapped placement. */
export function createMachine(
  arch: Arch,
  workload: Workload,
  matrices: readonly WeightMatrix[],
  { mapping, placement }: Fits,
  digital: DigitalPart,
  kvMemory: number,
  { seed, routing, level, explain = false }: CostOptions,
): Machine {
  const list = createPriceList(arch);
  const routes = createRoutes(arch, list);
  const shape = { ...workload.moe, layers: workload.layers, dense_layers: workload.dense_layers };
  const chooseExperts = createRouting(routing, shape, (stream, row, out) =>
    fillUniforms(out, { seed, matrix: stream, block: 0, purpose: "routing", row }),
  );
  const lowering = createLowering({
    arch,
    workload,
    matrices,
    placement,
    mapping,
    digital,
    kvMemory,
    routes,
    chooseExperts,
  });
  const prices = createClassPrices(lowering.ops, list);
  return {
    arch,
    lowering,
    routes,
    list,
    prices,
    standing: chipComponents(arch),
    level,
    kvMemory,
    explain,
  };
}

/** Ports take as long as links for a message, and its head no time. */
function createRoutes(arch: Arch, { hop_ps }: PriceList): RouteInterner {
  const network = createTopology(arch.interconnect);
  const ported = withPorts(network);
  const hops_ps = new Float64Array(ported.links).fill(hop_ps, 0, network.links);
  return createRouteTable(ported, hops_ps, network.links);
}
