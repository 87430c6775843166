/** What is known about the memory devices of a tile: programming noise, drift, read noise. */
import { type Static, Type } from "typebox";
import { nonNegative, oneOfKinds, positive, sourced } from "./schema.ts";

const scales = {
  programming_scale: Type.Optional(nonNegative("Multiplies the programming noise; default 1", 1e3)),
  drift_scale: Type.Optional(nonNegative("Multiplies the drift exponents; default 1", 1e3)),
  read_scale: Type.Optional(nonNegative("Multiplies the read noise; default 1", 1e3)),
};

const device = <K extends string, T extends Parameters<typeof sourced>[0]>(kind: K, more: T) =>
  sourced({ kind: Type.Literal(kind), ...scales, ...more });

/** Formulas: docs/model.md, "Devices"; the code is `src/numerics/devices/`, one file a kind. */
export const DeviceNoiseSchema = oneOfKinds(
  sourced({ kind: Type.Literal("ideal") }),
  device("pcm", {
    g_max_uS: Type.Optional(positive("Conductance of the largest weight; default 25", 1e3)),
  }),
  device("hermes-1-device", {}),
  device("hermes-2-device", {}),
  device("pcm-column-cubic", {}),
  device("state-independent", { g_max_uS: Type.Optional(positive("Default 25", 1e3)) }),
  device("reram-wan2022", { g_max_uS: Type.Optional(positive("Default 40", 1e3)) }),
  device("reram-cmo", {}),
  device("gaussian", {
    sigma_frac: nonNegative(
      "Standard deviation of the weight error as a share of the largest weight of its scaling group",
      10,
    ),
  }),
  device("polynomial", {
    g_max_uS: positive("Conductance of the largest weight", 1e3),
    sigma_coefficients_uS: Type.Array(Type.Number(), {
      minItems: 1,
      maxItems: 12,
      description: "Programming noise in uS as a polynomial of g/g_max, constant term first",
    }),
    drift_exponent_mean: Type.Optional(
      nonNegative("Mean drift exponent nu; default 0: no drift", 1),
    ),
    drift_exponent_std: Type.Optional(nonNegative("Spread of nu; default 0", 1)),
    t0_s: Type.Optional(positive("Time of the first read after programming; default 20", 1e6)),
  }),
);
export type DeviceNoise = Static<typeof DeviceNoiseSchema>;
