import type { Network } from "../../model/network.ts";
import type { NetworkMatrix } from "../../model/network-matrices.ts";
import type { ProductContext } from "../context.ts";
import type { Products } from "../product.ts";
import type { Sink } from "../sink.ts";
import type { DigitalWork } from "../work.ts";

/** What stays the same from one group of examples to the next. */
export interface NetworkContext extends ProductContext {
  readonly network: Network;
  readonly matrices: readonly NetworkMatrix[];
}

/** What every layer of a network is lowered with. */
export interface NetworkTools {
  readonly context: NetworkContext;
  readonly sink: Sink;
  readonly work: DigitalWork;
  readonly products: Products;
}
