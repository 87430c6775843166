import type { Arch } from "../model/arch.ts";
import type { WeightMatrix } from "../model/matrix.ts";
import type { Placement } from "../model/placement.ts";
import type { Workload } from "../model/workload.ts";
import type { AnalogPart, Routes } from "./analog-part.ts";
import type { AssignmentCount } from "./capacity.ts";
import type { Copies } from "./copies.ts";
import type { DigitalPart } from "./cores.ts";
import type { OpTable } from "./op-table.ts";
import type { LayerPlan } from "./plan.ts";
import type { Residency } from "./residency.ts";
import type { Resources } from "./resources.ts";
import type { ChooseExperts } from "./routing.ts";
import type { Template } from "./template.ts";

/** What products, moves and element-wise work are lowered with, whatever the model. */
export interface ProductContext {
  readonly arch: Arch;
  readonly matrices: readonly WeightMatrix[];
  readonly placement: Placement;
  readonly digital: DigitalPart;
  readonly kvMemory: number;
  readonly analog: AnalogPart;
  readonly residency: Residency;
  readonly copies: Copies;
  readonly ops: OpTable;
  readonly resources: Resources;
  readonly routes: Routes;
  /** Compiled so far; by matrix and place, a gated network by its down matrix. */
  readonly productTemplates: Map<number, Template>;
  readonly gatedTemplates: Map<number, Template>;
  /** The same with results left at their tiles. */
  readonly weightedTemplates: Map<number, Template>;
}

/** What stays the same from one token group of a decoder to the next. */
export interface LoweringContext extends ProductContext {
  readonly workload: Workload;
  readonly layers: readonly LayerPlan[];
  readonly chooseExperts: ChooseExperts;
  /** Limits how many tokens of a group an expert takes; undefined: no limit. */
  readonly capacity_factor: number | undefined;
  /** Of all groups lowered so far. */
  readonly assignments: AssignmentCount;
}

/** Tokens that go through the model together: a prompt, or one decode step of a batch. */
export interface TokenGroup {
  readonly tokens: number;
  /** Sequence of each token. [tokens], like all below. */
  readonly sequence: Int32Array;
  /** Tokens of its sequence up to and including it. */
  readonly length: Int32Array;
  /** Number of the token within the run: where its choice of experts is drawn from. */
  readonly address: Int32Array;
  /** 1: goes on to the LM head. */
  readonly isLast: Uint8Array;
  /** May a sequence have more than one token in the group? */
  readonly isPrefill: boolean;
}

/** When results are at the hub: result i once ops base[i] + each of exits are done. */
export interface Delivery {
  readonly exits: Int32Array;
  /** [results] */
  readonly base: Int32Array;
}

/** The one exit of a result that a single op delivers. */
export const ONE_EXIT = Int32Array.of(0);
