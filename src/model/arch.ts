/** The chip, as `arch/1` files describe it. */
import { type Static, Type } from "typebox";
import { AnalogNumericsSchema } from "./analog-numerics.ts";
import { InterconnectSchema } from "./interconnect.ts";
import { VECTOR_FUNCTIONS } from "./op.ts";
import {
  bits,
  count,
  fraction,
  name,
  nonNegative,
  oneOfKinds,
  positive,
  record,
  sourced,
} from "./schema.ts";

const area = { area_um2: nonNegative("Silicon area of one", 1e12) };
const leak = { static_mW: nonNegative("Power of one while switched on, working or not", 1e9) };

/** Power gating; a part without it draws its static power all the time. */
const Gating = Type.Optional(
  sourced({
    idle_frac: fraction("Share of the static power that is left while there is nothing to do"),
  }),
);
export type Gated = { readonly gating?: Static<typeof Gating> };

/** Geometry. Rows take inputs, columns give outputs. */
const Crossbar = record({
  rows: count("Word lines: inputs of one MVM", 65536),
  cols: count("Columns of unit cells", 65536),
  tiers: count("Stacked crossbars of a tile; one of them is read at a time", 65536),
  slices: count("Unit cells, side by side on a row, that hold one weight", 32),
  devices_per_cell: count("Memory devices of a unit cell: 2 is a differential pair", 16),
  cell_bits: Type.Optional(bits("Bits that a unit cell stores; left out: analog levels")),
});

const Input = record({
  encoding: Type.Enum(["bit-serial", "pulse-width", "amplitude"], {
    description: "How an input value is applied to a row",
  }),
  bits: bits("Resolution of the inputs"),
  bits_per_phase: bits("Bits applied in one read; equal to bits unless bit-serial"),
});

const Output = record({
  bits: bits("Resolution of the ADC"),
  columns_per_adc: count("Columns of unit cells that share one ADC", 65536),
});

/** Price of a conversion. */
const AdcEnergy = oneOfKinds(
  record({
    kind: Type.Literal("constant"),
    conversion_pJ: nonNegative("Energy of one conversion"),
  }),
  record({
    kind: Type.Literal("walden"),
    walden_fJ: positive("Energy per conversion step; a conversion takes 2^bits of them"),
  }),
  record({
    kind: Type.Literal("survey"),
    effective_bits: positive("Effective number of bits, >= 4", 16),
    energy_factor: positive("Multiplies the survey's optimistic bound", 100),
  }),
);

const PerEvent = { ...area, ...leak };

/** Every part of the tile has its own price. */
const ComponentCost = record({
  kind: Type.Literal("components"),
  crossbar: sourced({
    integration_ns: positive("Settling and integration of one read phase"),
    cell_read_fJ: nonNegative("Energy of one unit cell in one read phase"),
    area_um2: nonNegative("Area of one crossbar; tiers are stacked and add none"),
    static_mW: leak.static_mW,
  }),
  row_driver: sourced({
    drive_pJ: nonNegative("Energy of one row in one read phase"),
    ...PerEvent,
  }),
  adc: sourced({
    conversion_ns: positive("Time of one conversion"),
    energy: AdcEnergy,
    ...PerEvent,
  }),
  sample_hold: sourced({ sample_fJ: nonNegative("Energy of one sample"), ...PerEvent }),
  shift_add: sourced({
    add_pJ: nonNegative("Energy of merging one conversion into its result"),
    units: count("Shift-and-add units of a tile"),
    merge_ns: Type.Optional(
      nonNegative("From the last conversion of an MVM to its merged results; default 0"),
    ),
    ...PerEvent,
  }),
});

/** One figure for a whole MVM, converters included: how chips and simulators often publish it. */
const LumpedCost = sourced({
  kind: Type.Literal("lumped"),
  mvm_ns: positive("Time of one MVM of a whole crossbar, conversions included"),
  mvm_pJ: nonNegative("Energy of one MVM of a whole crossbar, conversions included"),
  ...PerEvent,
});

const Buffer = sourced({
  capacity_B: count("Size", 1e15),
  read_pJ_per_B: nonNegative("Energy of reading one byte"),
  write_pJ_per_B: nonNegative("Energy of writing one byte"),
  bandwidth_GBps: positive("Bytes per nanosecond"),
  ...PerEvent,
});

/** A row of lanes for element-wise work: scaling, partial sums, activations, norms, softmax. */
const VectorUnit = sourced({
  lanes: count("Elements per clock", 1e6),
  clock_GHz: positive("Clock", 100),
  lane_op_pJ: nonNegative("Energy of one multiply, add or compare of one lane"),
  ...PerEvent,
});

const Programming = sourced({
  crossbar_ns: positive("Time to write and verify one crossbar once", 1e15),
  crossbar_pJ: nonNegative("Energy to write and verify one crossbar once", 1e18),
  iterations: Type.Optional(
    count("Times that a crossbar is written and verified until its weights are right; default 1"),
  ),
  endurance_writes: positive("Writes that a device survives", 1e18),
});

const AnalogTileSchema = record({
  name: name("What reports call this kind of tile"),
  count: count("Tiles of this kind on the chip", 1e7),
  crossbar: Crossbar,
  input: Input,
  output: Output,
  cost: oneOfKinds(ComponentCost, LumpedCost),
  input_buffer: Buffer,
  output_buffer: Buffer,
  back_pressure: Type.Optional(
    Type.Boolean({
      description:
        "A crossbar is not read while its output buffer has no room for another result; default: results never wait for room",
    }),
  ),
  local_unit: VectorUnit,
  fixed: Type.Optional(
    Type.Array(sourced({ name: name("Part"), ...PerEvent }), {
      description: "Further parts of each tile: control, buses",
    }),
  ),
  gating: Gating,
  programming: Programming,
  numerics: AnalogNumericsSchema,
});
export type AnalogTile = Static<typeof AnalogTileSchema>;

const SystolicCore = sourced({
  kind: Type.Literal("systolic"),
  name: name("What reports call it"),
  count: count("Cores"),
  rows: count("Processing elements along the reduction", 4096),
  cols: count("Processing elements along the outputs", 4096),
  dataflow: Type.Enum(["weight-stationary", "output-stationary"]),
  clock_GHz: positive("Clock", 100),
  mac_pJ: nonNegative("Energy of one multiply-accumulate, operand registers included"),
  weight_bits: bits("Bits of a stored weight", 32),
  activation_bits: bits("Bits of an activation", 32),
  gating: Gating,
  ...PerEvent,
});

/** A published price of one function, in place of counting lane operations. */
const TabulatedFunction = record({
  fn: Type.Enum(VECTOR_FUNCTIONS, { description: "Which function" }),
  block_elements: count("Elements of a block; a part of a block costs as much as the whole"),
  block_ns: nonNegative("Time of one block"),
  block_pJ: nonNegative("Energy of one block"),
  overhead_ns: nonNegative("Added once to the time of the result"),
});

const VectorCore = sourced({
  kind: Type.Literal("vector"),
  name: name("What reports call it"),
  count: count("Cores"),
  lanes: count("Elements per clock", 1e6),
  clock_GHz: positive("Clock", 100),
  lane_op_pJ: nonNegative("Energy of one multiply, add or compare of one lane"),
  functions: Type.Optional(
    Type.Array(TabulatedFunction, {
      description: "Functions with a price of their own; the others are counted in lane operations",
    }),
  ),
  gating: Gating,
  ...PerEvent,
});

const RooflineCore = sourced({
  kind: Type.Literal("roofline"),
  name: name("What reports call it"),
  count: count("Devices"),
  peak_GMACps: positive("Multiply-accumulates per nanosecond, dense"),
  vector_GOPps: positive("Element operations per nanosecond"),
  mac_pJ: nonNegative("Dynamic energy of one multiply-accumulate"),
  weight_bits: bits("Bits of a stored weight", 32),
  activation_bits: bits("Bits of an activation", 32),
  gating: Gating,
  ...PerEvent,
});

const CoreSchema = oneOfKinds(SystolicCore, VectorCore, RooflineCore);
export type Core = Static<typeof CoreSchema>;

const MemorySchema = sourced({
  name: name("What reports call it"),
  kind: Type.Enum(["sram", "edram", "dram"]),
  capacity_B: count("Size", 1e15),
  bandwidth_GBps: positive("Bytes per nanosecond, as reached in practice"),
  latency_ns: nonNegative("From request to first byte"),
  read_pJ_per_B: nonNegative("Energy of reading one byte"),
  write_pJ_per_B: nonNegative("Energy of writing one byte"),
  gating: Gating,
  ...PerEvent,
});
export type Memory = Static<typeof MemorySchema>;

export const ArchSchema = record({
  $schema: Type.Optional(Type.String()),
  format: Type.Literal("arch/1"),
  extends: Type.Optional(Type.String({ description: "Path of a base file, relative to this one" })),
  name: name("Name of the chip"),
  technology_nm: positive("Technology node of the tiles", 1000),
  tiles: Type.Array(AnalogTileSchema, { description: "Kinds of analog tiles; may be empty" }),
  cores: Type.Array(CoreSchema, {
    description: "Kinds of digital cores; a chip without any is valid and runs nothing",
  }),
  memories: Type.Array(MemorySchema, { minItems: 1, description: "Nearest first" }),
  weight_memory: name("Memory that holds the weights of digital matrices"),
  kv_memories: Type.Array(name("Memory"), {
    minItems: 1,
    description: "Memories that may hold the KV cache, tried in this order",
  }),
  activation_memory: name("Memory that digital cores exchange activations through"),
  interconnect: InterconnectSchema,
  fixed: Type.Array(sourced({ name: name("Part"), ...PerEvent }), {
    description: "Constant-power parts of the chip: off-chip links, clocking, control",
  }),
});
export type Arch = Static<typeof ArchSchema>;
