/**
 * Technology scaling, one law per class of component.
 *
 * The laws disagree: from 45 to 7 nm the polynomials shrink energy to 0.057, measured tables to
 * 0.35 (arithmetic) or 0.75 (a small SRAM). So the class decides: analog drivers and fixed logic by
 * the polynomials, arithmetic and SRAM between two measured nodes, ADCs by the survey
 * (`components/adc-survey.ts`). Presets carry scaled constants; tests redo the scaling with this.
 */

import { surveyConversion_pJ } from "./components/adc-survey.ts";

/** Coefficients (a, b, c) of energy = a V^2 + b V + c, by node in nm; relative units. */
const LOGIC_ENERGY = {
  130: [7.171, -6.709, 2.904],
  90: [4.762, -4.781, 2.092],
  65: [3.755, -4.398, 1.975],
  45: [1.103, -0.362, 0.2767],
  32: [0.9559, -0.7823, 0.471],
  20: [0.373, -0.1582, 0.04104],
  16: [0.2958, -0.1241, 0.03024],
  14: [0.2363, -0.09675, 0.02239],
  10: [0.2068, -0.09311, 0.02375],
  7: [0.1776, -0.09097, 0.02447],
} as const;

/** Area of the same circuit, relative to 45 nm, by node in nm. */
const LOGIC_AREA = {
  130: 6.4,
  90: 2.8,
  65: 1.5,
  45: 1,
  32: 0.46,
  20: 0.21,
  16: 0.19,
  14: 0.17,
  10: 0.1,
  7: 0.059,
} as const;

/** Nodes with coefficients; there is no interpolation between them. */
export type LogicNode = keyof typeof LOGIC_ENERGY;

/** A node and its supply. */
export interface Process {
  readonly node_nm: LogicNode;
  readonly supply_V: number;
}

/**
 * Energy of logic in one process relative to another.
 *
 * @source Stillmaker & Baas, Integration 58 (2017), doi 10.1016/j.vlsi.2017.02.002
 */
export function logicEnergyFactor(from: Process, to: Process): number {
  return relativeEnergy(to) / relativeEnergy(from);
}

function relativeEnergy({ node_nm, supply_V }: Process): number {
  const [a, b, c] = LOGIC_ENERGY[node_nm];
  return a * supply_V ** 2 + b * supply_V + c;
}

/**
 * Area of logic at one node relative to another.
 *
 * @source Stillmaker & Baas, Integration 58 (2017), doi 10.1016/j.vlsi.2017.02.002
 */
export function logicAreaFactor(from_nm: LogicNode, to_nm: LogicNode): number {
  return LOGIC_AREA[to_nm] / LOGIC_AREA[from_nm];
}

/** A quantity as measured at a node. */
export interface MeasuredAt {
  readonly node_nm: number;
  readonly value: number;
}

/** A measured quantity at a node between two nodes: a power law through both points. */
export function betweenNodes(older: MeasuredAt, newer: MeasuredAt, node_nm: number): number {
  const power = Math.log(older.value / newer.value) / Math.log(older.node_nm / newer.node_nm);
  return older.value * (node_nm / older.node_nm) ** power;
}

/** Which law scales a class of component, and what it does to energy. */
export interface ScalingClass {
  readonly summary: string;
  /** Energy at one node over that at another. */
  readonly energyFactor: (from: LogicNode, to: LogicNode) => number;
}

/** Usual supply of the nodes that presets use. */
const usualSupply_V = (node_nm: LogicNode): number =>
  node_nm >= 32 ? 0.9 : node_nm === 7 ? 0.7 : 0.8;

const measured =
  (at45: number, at7: number): ScalingClass["energyFactor"] =>
  (from, to) => {
    const at = (nm: number): number =>
      betweenNodes({ node_nm: 45, value: at45 }, { node_nm: 7, value: at7 }, nm);
    return at(to) / at(from);
  };

const survey = (technology_nm: number): number =>
  surveyConversion_pJ({ effective_bits: 8, technology_nm, samples_per_s: 1e8 });

/**
 * The law of each class: what presets scale their constants with. Measured pairs are pJ at 45 nm
 * (Horowitz, ISSCC 2014) and at 7 nm (Jouppi et al., TPUv4i, ISCA 2021).
 */
export const scalingClasses = {
  drivers: {
    summary: "polynomials of Stillmaker & Baas 2017, 0.9 V to the usual supply",
    energyFactor: (from, to) =>
      logicEnergyFactor(
        { node_nm: from, supply_V: 0.9 },
        { node_nm: to, supply_V: usualSupply_V(to) },
      ),
  },
  arithmetic: {
    summary: "power law between FP16 multiply and add at 45 and 7 nm",
    energyFactor: measured(1.5, 0.5),
  },
  "small SRAM": {
    summary: "power law between 8 KB at 45 and 7 nm",
    energyFactor: measured(10, 7.5),
  },
  "large SRAM": {
    summary: "power law between 1 MB at 45 and 7 nm",
    energyFactor: measured(100, 14),
  },
  ADC: {
    summary: "survey regression, node^1.88",
    energyFactor: (from, to) => survey(to) / survey(from),
  },
  "DRAM, PCM cells": { summary: "not scaled", energyFactor: () => 1 },
} as const satisfies Record<string, ScalingClass>;
