import type { Arch } from "../model/arch.ts";

/** The digital cores that lowering gives work to; indices into `arch.cores` and `arch.memories`. */
export interface DigitalPart {
  readonly matmulCore: number;
  readonly matmulCores: number;
  /** Outputs that one core computes side by side; fewer are not worth a core of their own. */
  readonly shardOutputs: number;
  readonly vectorCore: number;
  readonly weight_B: number;
  readonly activation_B: number;
  readonly weightMemory: number;
  readonly activationMemory: number;
}

/**
 * Chooses the cores: for matrix products the first systolic kind, else the first roofline kind
 * (both say how wide weights and activations are); for element-wise work the first vector kind,
 * else the first roofline kind.
 *
 * @returns what is missing, if a chip cannot do one of the two
 */
export function digitalPart(arch: Arch): DigitalPart | { readonly missing: string } {
  const systolic = arch.cores.findIndex((core) => core.kind === "systolic");
  const roofline = arch.cores.findIndex((core) => core.kind === "roofline");
  const vector = arch.cores.findIndex((core) => core.kind === "vector");
  const matmulCore = systolic >= 0 ? systolic : roofline;
  const vectorCore = vector >= 0 ? vector : roofline;
  const core = arch.cores[matmulCore];
  if (core === undefined || core.kind === "vector")
    return { missing: "a digital core for matrix products (systolic or roofline)" };
  if (vectorCore < 0) return { missing: "a digital core for vectors (vector or roofline)" };
  return {
    matmulCore,
    matmulCores: core.count,
    shardOutputs: core.kind === "systolic" ? core.cols : 1,
    vectorCore,
    weight_B: core.weight_bits / 8,
    activation_B: core.activation_bits / 8,
    weightMemory: memoryIndex(arch, arch.weight_memory),
    activationMemory: memoryIndex(arch, arch.activation_memory),
  };
}

/** @throws Error if there is none of that name; input checks have excluded that */
export function memoryIndex(arch: Pick<Arch, "memories">, name: string): number {
  const index = arch.memories.findIndex((memory) => memory.name === name);
  if (index < 0) throw new Error(`no memory is called "${name}"`);
  return index;
}
