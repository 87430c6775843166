/** What each place of a chip did during a run: floorplan, energy by layer, load of experts. */
import { type Static, Type } from "typebox";
import { orNull, record } from "./schema.ts";

const numbers = (description: string) => Type.Array(Type.Number(), { description });
const integers = (description: string) => Type.Array(Type.Integer(), { description });
const table = (description: string) =>
  Type.Array(Type.Array(Type.Number()), { description: `${description}. [layers][experts]` });

/** The chip that all floorplans of a report share. */
export const ChipSchema = record({
  topology: Type.String({ description: "Kind of interconnect" }),
  grid_cols: Type.Integer({ description: "Nodes along x" }),
  grid_rows: Type.Integer({ description: "Nodes along y" }),
  hub_nodes: integers("Nodes with digital cores and memories, row-major"),
  tile_kinds: Type.Array(
    record({
      name: Type.String(),
      count: Type.Integer({ description: "Tiles of the kind" }),
      area_mm2: Type.Number({ description: "One tile, all tiers" }),
      rows: Type.Integer({ description: "Cells of a crossbar, along its inputs" }),
      cols: Type.Integer({ description: "Cells of a crossbar, along its outputs" }),
      tiers: Type.Integer({ description: "Crossbars of a tile" }),
      parts: Type.Array(
        record({
          component: Type.String(),
          area_mm2: Type.Number({ description: "All instances in one tile" }),
        }),
        { description: "What the area of a tile is made of" },
      ),
    }),
  ),
  blocks: Type.Array(
    record({
      component: Type.String(),
      instances: Type.Integer(),
      area_mm2: Type.Number({ description: "All instances" }),
    }),
    { description: "Digital cores, memories and other parts beside the tiles" },
  ),
  tile_nodes: integers("Node of each tile, tiles numbered kind after kind"),
});
export type Chip = Static<typeof ChipSchema>;

/** One placement on the chip: columns, one entry per tile in use, or per link that carried data. */
export const FloorplanSchema = record({
  placement: Type.String(),
  duration_ns: Type.Number({ description: "Prefill plus decode" }),
  tiles: integers("Number of each tile in use"),
  layers: Type.Array(integers("Layers that have a matrix there; -1: LM head")),
  cells_frac: numbers("Cells that hold weights, of the cells of all tiers"),
  busy_frac: numbers("Busy time of the crossbars over the run"),
  energy_pJ: numbers("Energy of the run, static included"),
  density_mW_per_mm2: numbers("Mean power over area"),
  blocks: orNull(
    Type.Array(integers("Matrix, number among its blocks, tier; of one block after the other"), {
      description: "What each tile holds when the run starts; null: left out for size",
    }),
  ),
  links: record({
    from_nodes: integers("Sender; numbers beyond those of nodes are switches"),
    to_nodes: integers("Receiver"),
    traffic_B: numbers("Bytes of the run"),
  }),
});
export type Floorplan = Static<typeof FloorplanSchema>;

/** A matrix that floorplans speak of. */
export const MappedMatrixSchema = record({
  matrix: Type.Integer({ description: "Number that blocks use" }),
  name: Type.String(),
  layer: Type.Integer({ description: "-1 for the LM head" }),
  expert: Type.Integer({ description: "-1 where it does not apply" }),
  module: Type.String(),
  rows: Type.Integer({ description: "Inputs" }),
  cols: Type.Integer({ description: "Outputs" }),
});
export type MappedMatrix = Static<typeof MappedMatrixSchema>;

/** Dynamic energy of a phase: component by layer. */
export const LayerEnergySchema = record({
  placement: Type.String(),
  phase: Type.Enum(["prefill", "decode"]),
  layers: integers("Layers, in order; -1: embedding and LM head"),
  components: Type.Array(
    record({
      component: Type.String(),
      energy_pJ: numbers("Dynamic energy in each of the layers"),
    }),
  ),
});
export type LayerEnergy = Static<typeof LayerEnergySchema>;

/** Routed experts: how they were ranked, used and placed. */
export const ExpertMapSchema = record({
  layers: integers("Layers with routed experts"),
  experts: Type.Integer({ description: "Routed experts of a layer" }),
  load_tokens: table("Tokens of the run sent to each expert"),
  scores: Type.Array(
    record({ score: Type.String({ description: "Name of the score" }), value: table("Score") }),
  ),
  placements: Type.Array(
    record({
      placement: Type.String(),
      digital_frac: table("Share of the expert's weights computed digitally"),
    }),
  ),
});
export type ExpertMap = Static<typeof ExpertMapSchema>;

/** Accuracy of one placement under other conditions than those of its row. */
export const AccuracyPointSchema = record({
  placement: Type.String(),
  noise_scale: Type.Number(),
  age_s: Type.Number({ description: "Since programming" }),
  nll_nats: Type.Number({ description: "Mean over seeds" }),
  nll_sem_nats: orNull(Type.Number()),
  perplexity: Type.Number({ description: "Mean over seeds" }),
  perplexity_sem: orNull(Type.Number()),
});
