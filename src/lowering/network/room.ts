import type { Arch } from "../../model/arch.ts";
import type { Network } from "../../model/network.ts";
import type { NetworkMatrix } from "../../model/network-matrices.ts";
import { layerShapes, positionsOf } from "../../model/network-shapes.ts";
import type { Placement } from "../../model/placement.ts";
import type { DigitalPart } from "../cores.ts";

/** What does not fit into a memory. */
export interface Shortage {
  readonly what: string;
  readonly needed_B: number;
  readonly available_B: number;
}

/**
 * Digital weights must fit into the weight memory, and the largest field of the examples that are
 * worked on at once into the activation memory.
 *
 * @returns null if they do
 */
export function networkShortage(
  { memories }: Pick<Arch, "memories">,
  network: Network,
  matrices: readonly NetworkMatrix[],
  placement: Placement,
  digital: DigitalPart,
  positions: number,
): Shortage | null {
  const stored = matrices.filter(
    ({ id, copy }) => placement.targets[id] === "digital" && copy === 0,
  );
  const weights = stored.reduce((sum, { inputs, outputs }) => sum + inputs * outputs, 0);
  const shapes = [network.input, ...layerShapes(network)];
  const largest = Math.max(...shapes.map((shape) => positionsOf(shape) * shape.features));
  const wanted = [
    [digital.weightMemory, "the digital weights", weights * digital.weight_B],
    [digital.activationMemory, "the largest layer", positions * largest * digital.activation_B],
  ] as const;
  for (const [number, what, needed_B] of wanted) {
    const { name, capacity_B } = memories[number]!;
    if (needed_B > capacity_B)
      return { what: `${what} in ${name}`, needed_B: Math.ceil(needed_B), available_B: capacity_B };
  }
  return null;
}
