import type { Network, NetworkLayer } from "../model/network.ts";
import { networkMatrices, usesPerExample } from "../model/network-matrices.ts";
import { blockCount, weightsPerCrossbar } from "./split.ts";

/** A layer whose weights may be on crossbars more than once. */
interface Candidate {
  readonly layer: number;
  /** Times that an example uses the weights, all copies together. */
  readonly uses: number;
  /** Crossbars of one copy. */
  readonly crossbars: number;
  copies: number;
}

/**
 * Spends crossbars on further copies of the weights that the most positions wait for: always the
 * layer whose copies have the most to do gets the next one, until it does not fit.
 *
 * @source Shafiee et al., "ISAAC", ISCA 2016, section IV: early layers are replicated so that a
 *   pipeline of layers is balanced.
 * @param crossbar of the first kind of tile
 * @param budget crossbars that further copies may take
 * @returns the network with the `copies` of its layers raised
 */
export function withLayerCopies(
  network: Network,
  crossbar: { readonly rows: number; readonly cols: number; readonly slices: number },
  budget: number,
): Network {
  const candidates = candidatesOf(network, crossbar);
  for (let left = budget; ; ) {
    const busiest = candidates.reduce<Candidate | null>(
      (most, each) => (most === null || load(each) > load(most) ? each : most),
      null,
    );
    if (busiest === null || load(busiest) <= 1 || busiest.crossbars > left) break;
    left -= busiest.crossbars;
    busiest.copies++;
  }
  const copiesOf = new Map(candidates.map(({ layer, copies }) => [layer, copies]));
  const layers = network.layers.map((layer, i): NetworkLayer => {
    const copies = copiesOf.get(i) ?? 1;
    return canCopy(layer) && copies > 1 ? { ...layer, copies } : layer;
  });
  return { ...network, layers };
}

const canCopy = (layer: NetworkLayer) =>
  layer.kind === "conv" || layer.kind === "linear" || layer.kind === "attention";

/** Positions that one copy sees. */
const load = ({ uses, copies }: Candidate): number => Math.ceil(uses / copies);

function candidatesOf(
  network: Network,
  crossbar: Parameters<typeof withLayerCopies>[1],
): readonly Candidate[] {
  const matrices = networkMatrices(network);
  const uses = usesPerExample(network, matrices);
  const limits = weightsPerCrossbar(crossbar);
  return network.layers.flatMap((own, layer): Candidate[] => {
    if (!canCopy(own)) return [];
    const all = matrices.filter((matrix) => matrix.layer === layer);
    const one = all.filter(({ copy }) => copy === 0);
    const crossbars = one.reduce(
      (sum, { inputs, outputs }) => sum + blockCount({ rows: inputs, cols: outputs }, limits),
      0,
    );
    const total = all.reduce((sum, { id }) => sum + uses[id]!, 0);
    return [{ layer, uses: total / one.length, crossbars, copies: all.length / one.length }];
  });
}
