import type { Mapping } from "../mapping/mapping.ts";
import { tileNodes } from "../mapping/position.ts";
import type { Arch } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { Routes } from "./analog-part.ts";
import type { ProductContext } from "./context.ts";
import { createCopies } from "./copies.ts";
import type { DigitalPart } from "./cores.ts";
import { createOpTable } from "./op-table.ts";
import { createResidency } from "./residency.ts";
import { createResources } from "./resources.ts";
import { createStepTable } from "./steps.ts";
import type { Template } from "./template.ts";

/** One arch and one placement of the matrices of some model. */
export interface MappedMatrices {
  readonly arch: Arch;
  readonly matrices: readonly WeightMatrix[];
  /** As the mapping has it, after overflow. */
  readonly placement: Placement;
  readonly mapping: Mapping;
  readonly digital: DigitalPart;
  readonly kvMemory: number;
  /** Numbers of the routes between nodes of the interconnect. */
  readonly routes: Routes;
}

/** Nothing compiled, nothing counted yet. */
export function createProductContext(mapped: MappedMatrices): ProductContext {
  const { arch, matrices, placement, mapping, digital, kvMemory, routes } = mapped;
  const residency = createResidency(mapping);
  const ops = createOpTable();
  const resources = createResources(arch, mapping);
  const tiles = arch.tiles.reduce((sum, kind) => sum + kind.count, 0);
  return {
    arch,
    matrices,
    placement,
    digital,
    kvMemory,
    routes,
    residency,
    copies: createCopies(mapping, residency.tile),
    ops,
    resources,
    analog: {
      mapping,
      tile: residency.tile,
      nodes: tileNodes(arch.interconnect, tiles),
      inputBits: arch.tiles.map((kind) => kind.input.bits),
      ops,
      steps: createStepTable(),
      resources,
      routes,
    },
    productTemplates: new Map(),
    gatedTemplates: new Map(),
    weightedTemplates: new Map(),
  };
}

/** Block that is read by an op of that step, for templates compiled so far. */
export function blocksOfSteps(context: ProductContext): ReadonlyMap<number, number> {
  const blocks = new Map<number, number>();
  const templates: readonly Template[] = [
    ...context.productTemplates.values(),
    ...context.gatedTemplates.values(),
    ...context.weightedTemplates.values(),
  ];
  for (const template of templates)
    template.reads.forEach((read, i) => {
      blocks.set(template.firstStep + read, template.blocks[i]!);
    });
  return blocks;
}
