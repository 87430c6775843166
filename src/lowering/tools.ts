import type { LoweringContext } from "./context.ts";
import type { Products } from "./product.ts";
import type { Sink } from "./sink.ts";
import type { DigitalWork } from "./work.ts";

/** What every part of a layer is lowered with. */
export interface Tools {
  readonly context: LoweringContext;
  readonly sink: Sink;
  readonly work: DigitalWork;
  readonly products: Products;
}
