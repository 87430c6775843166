import type { AnalogTile, Arch, Gated } from "../model/arch.ts";
import type { ReportSource } from "../model/report.ts";
import type { Evidence } from "../model/schema.ts";
import { unreachable } from "../units/exhaustive.ts";

interface Sourced {
  readonly source: string;
  readonly evidence: Evidence;
}

/** Where the constants of each component come from; component names are those of charges. */
export function componentSources(arch: Arch): ReportSource[] {
  const at = (component: string, pointer: string, { source, evidence }: Sourced): ReportSource => ({
    component,
    pointer,
    source,
    evidence,
  });
  return [
    // Last is first: shares of energy go by the last block of a component.
    ...gatingSources(arch).map(([component, pointer, block]) => at(component, pointer, block)),
    ...arch.tiles.flatMap((tile, i) =>
      tileSources(tile).map(([part, pointer, block]) =>
        at(`${tile.name} ${part}`, `/tiles/${i}/${pointer}`, block),
      ),
    ),
    ...arch.cores.map((core, i) => at(core.name, `/cores/${i}`, core)),
    ...arch.memories.map((memory, i) => at(memory.name, `/memories/${i}`, memory)),
    at("interconnect", "/interconnect", arch.interconnect),
    ...("reduction" in arch.interconnect && arch.interconnect.reduction !== undefined
      ? [at("interconnect", "/interconnect/reduction", arch.interconnect.reduction)]
      : []),
    ...arch.fixed.map((part, i) => at(part.name, `/fixed/${i}`, part)),
  ];
}

function gatingSources(arch: Arch): readonly PartSource[] {
  const parts = <T extends Gated & { readonly name: string }>(
    list: readonly T[],
    field: string,
    suffix: string,
  ): PartSource[] =>
    list.flatMap(({ name, gating }, i) =>
      gating === undefined ? [] : [[`${name}${suffix}`, `/${field}/${i}/gating`, gating] as const],
    );
  return [
    ...parts(arch.tiles, "tiles", " crossbar"),
    ...parts(arch.cores, "cores", ""),
    ...parts(arch.memories, "memories", ""),
  ];
}

type PartSource = readonly [part: string, pointer: string, block: Sourced];

function tileSources(tile: AnalogTile): readonly PartSource[] {
  return [
    ...readSources(tile.cost),
    ["input buffer", "input_buffer", tile.input_buffer],
    ["output buffer", "output_buffer", tile.output_buffer],
    ["local unit", "local_unit", tile.local_unit],
    ["programming", "programming", tile.programming],
    ...(tile.fixed ?? []).map((part, i) => [part.name, `fixed/${i}`, part] as const),
  ];
}

function readSources(cost: AnalogTile["cost"]): readonly PartSource[] {
  switch (cost.kind) {
    case "components":
      return [
        ["crossbar", "cost/crossbar", cost.crossbar],
        ["row driver", "cost/row_driver", cost.row_driver],
        ["sample-and-hold", "cost/sample_hold", cost.sample_hold],
        ["adc", "cost/adc", cost.adc],
        ["shift-and-add", "cost/shift_add", cost.shift_add],
      ];
    case "lumped":
      return [["crossbar", "cost", cost]];
    default:
      return unreachable(cost);
  }
}
