/** The analog product by matrix instructions of a subgroup: the same integers, several times as fast. */
import type { MatrixShape } from "../context.ts";
import { SHAPE } from "./analog.ts";
import { extraBinding, OUTPUT_SIDE, STORE } from "./output-side.ts";
import { RANDOM } from "./random.ts";
import { PLAN } from "./tables.ts";

export interface MatrixTile {
  readonly rows: number;
  readonly columns: number;
  /** Subgroups down and across; each computes its share of the tile. */
  readonly down: number;
  readonly across: number;
  /** 16-byte groups of inputs that are staged at a time. */
  readonly depth: number;
  readonly shape: MatrixShape;
}

/** Invocations of a subgroup that the tiles are made for. */
export const SUBGROUP = 32;

/** Workgroup memory that a tile takes. */
export const matrixMemory_B = ({ rows, columns, depth }: MatrixTile): number =>
  4 * rows * columns + 16 * (depth + 1) * (rows + 2 * columns);

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, i) => i);

/** @param hasExtras see `analogShader` */
export function analogMatrixShader(tile: MatrixTile, hasExtras: boolean): string {
  const { rows, columns, down, across, depth, shape } = tile;
  const invocations = SUBGROUP * down * across;
  const [high, wide] = [rows / down / shape.M, columns / across / shape.N];
  const units = (rows * columns) / 4 / invocations;
  const perUnitRow = columns / 4;
  // One group more than there is: rows then begin in different banks.
  const stride = depth + 1;
  const steps = (16 * depth) / shape.K;
  const stepGroups = shape.K / 16;
  const grid = range(high).flatMap((m) => range(wide).map((n) => [m, n] as const));
  const result = `subgroup_matrix_result<i32, ${shape.N}, ${shape.M}>`;
  const store = (plane: "h" | "l"): string =>
    grid
      .map(
        ([m, n]) =>
          `subgroupMatrixStore<row_major>(&sumsOfTile, (rowOf + ${m * shape.M}u) * ${columns}u + columnOf + ${n * shape.N}u, ${plane}${m}_${n}, ${columns}u);`,
      )
      .join("\n    ");
  const readUnit = (u: number): string => {
    const at = `(unitAt + ${u * invocations}u) / ${perUnitRow}u * ${columns}u + own`;
    return `vec4<i32>(${[0, 4, 8, 12].map((c) => `sumsOfTile[${at} + ${c}u]`).join(", ")})`;
  };
  const inputLoads = range((rows * depth) / invocations);
  const weightLoads = range((columns * depth) / invocations);
  const place = (i: number): string => `(id + ${i * invocations}u)`;
  const stagedAt = (i: number): string =>
    `${place(i)} / ${depth}u * ${stride}u + ${place(i)} % ${depth}u`;
  const fetch = (at: string): string =>
    [
      ...inputLoads.map(
        (i) => `{
        let slot = tile.y + ${place(i)} / ${depth}u;
        let line = ${at} + ${place(i)} % ${depth}u;
        nextInput${i} = vec4<u32>();
        if (slot < tile.z && line < end) { nextInput${i} = codes[slot * lines + line]; }
      }`,
      ),
      ...weightLoads.map(
        (i) => `{
        let line = ${at} + ${place(i)} % ${depth}u;
        let base = weightAt + (columnAt + ${place(i)} / ${depth}u) * lines + line;
        nextHigh${i} = vec4<u32>();
        nextLow${i} = vec4<u32>();
        if (line < end) { nextHigh${i} = weights[base]; nextLow${i} = weights[base + shape.paddedOutputs * lines]; }
      }`,
      ),
    ].join("\n      ");
  const prefetch = (at: string): string =>
    `${inputLoads.map((i) => `var nextInput${i}: vec4<u32>;`).join(" ")}
    ${weightLoads.map((i) => `var nextHigh${i}: vec4<u32>; var nextLow${i}: vec4<u32>;`).join(" ")}
    ${fetch(at)}`;
  return `enable subgroups;
enable chromium_experimental_subgroup_matrix;
diagnostic(off, chromium.subgroup_matrix_uniformity);
${SHAPE}${PLAN}${RANDOM}
@group(0) @binding(0) var<uniform> shape: Shape;
@group(0) @binding(1) var<storage, read> codes: array<vec4<u32>>;
@group(0) @binding(2) var<storage, read> weights: array<vec4<u32>>;
@group(0) @binding(3) var<storage, read> tables: array<u32>;
@group(0) @binding(4) var<storage, read> plan: array<u32>;
@group(0) @binding(5) var<storage, read> rowInfo: array<vec2<u32>>;
@group(0) @binding(6) var<storage, read> constants: array<f32>;
@group(0) @binding(7) var<storage, read_write> y: array<f32>;
${extraBinding(hasExtras)}
${OUTPUT_SIDE}
var<workgroup> stagedInputs: array<vec4<u32>, ${rows * stride}>;
var<workgroup> stagedHigh: array<vec4<u32>, ${columns * stride}>;
var<workgroup> stagedLow: array<vec4<u32>, ${columns * stride}>;
var<workgroup> sumsOfTile: array<i32, ${rows * columns}>;

@compute @workgroup_size(${invocations})
fn main(@builtin(workgroup_id) group: vec3<u32>, @builtin(local_invocation_id) local: vec3<u32>) {
  let id = local.x;
  let subgroup = id / ${SUBGROUP}u;
  let rowOf = (subgroup / ${across}u) * ${rows / down}u;
  let columnOf = (subgroup % ${across}u) * ${columns / across}u;
  let tile = tileAt(shape.tilesAt, group.y);
  let matrix = tables[shape.slotsAt + tile.x];
  if (group.y >= plan[0] || matrix == NONE) { return; }
  let columnAt = group.x * ${columns}u;
  let part = tables[shape.columnTable + 4u * group.x];
  let realColumn = tables[shape.columnTable + 4u * group.x + 1u];
  let inPart = tables[shape.columnTable + 4u * group.x + 2u];
  let columnCount = tables[shape.columnTable + 4u * group.x + 3u];
  let lines = shape.words / 4u;
  let weightAt = matrix * 2u * shape.paddedOutputs * lines;
  let constantAt = matrix * shape.constantStride;
  let unitAt = id;
  let tx = id % ${perUnitRow}u;
  let own = (tx >> 2u) * 16u + (tx & 3u);
  let counter = ((inPart + own) >> 4u) * 4u + (own & 3u);
  ${range(units)
    .map((u) => `var y${u} = vec4<f32>();`)
    .join("\n  ")}
  for (var p = 0u; p < shape.rowParts; p++) {
    ${grid.map(([m, n]) => `var h${m}_${n} = ${result}(); var l${m}_${n} = ${result}();`).join("\n    ")}
    let begin = tables[shape.rowTable + 4u * p] / 4u;
    let end = begin + tables[shape.rowTable + 4u * p + 1u] / 4u;
    ${prefetch("begin")}
    for (var at = begin; at < end; at += ${depth}u) {
      ${inputLoads.map((i) => `stagedInputs[${stagedAt(i)}] = nextInput${i};`).join("\n      ")}
      ${weightLoads
        .map(
          (i) =>
            `stagedHigh[${stagedAt(i)}] = nextHigh${i}; stagedLow[${stagedAt(i)}] = nextLow${i};`,
        )
        .join("\n      ")}
      workgroupBarrier();
      // What the next round stages is on its way while this one computes.
      ${fetch(`at + ${depth}u`)}
      ${range(steps)
        .map(
          (s) => `{
        ${range(high)
          .map(
            (m) =>
              `let a${m} = subgroupMatrixLoad<subgroup_matrix_left<i8, ${shape.K}, ${shape.M}>, row_major>(&stagedInputs, (rowOf + ${m * shape.M}u) * ${stride}u + ${s * stepGroups}u, ${stride}u);`,
          )
          .join("\n        ")}
        ${range(wide)
          .map((n) =>
            (["High", "Low"] as const)
              .map(
                (plane) =>
                  `let b${plane}${n} = subgroupMatrixLoad<subgroup_matrix_right<i8, ${shape.N}, ${shape.K}>, col_major>(&staged${plane}, (columnOf + ${n * shape.N}u) * ${stride}u + ${s * stepGroups}u, ${stride}u);`,
              )
              .join("\n        "),
          )
          .join("\n        ")}
        ${grid
          .map(
            ([m, n]) =>
              `h${m}_${n} = subgroupMatrixMultiplyAccumulate(a${m}, bHigh${n}, h${m}_${n}); l${m}_${n} = subgroupMatrixMultiplyAccumulate(a${m}, bLow${n}, l${m}_${n});`,
          )
          .join("\n        ")}
      }`,
        )
        .join("\n      ")}
      workgroupBarrier();
    }
    ${store("h")}
    workgroupBarrier();
    ${range(units)
      .map((u) => `let high${u} = ${readUnit(u)};`)
      .join("\n    ")}
    workgroupBarrier();
    ${store("l")}
    workgroupBarrier();
    let scaleAt = constantAt + shape.scaleAt + p * shape.paddedOutputs + columnAt + own;
    let scale = vec4<f32>(constants[scaleAt], constants[scaleAt + 4u], constants[scaleAt + 8u], constants[scaleAt + 12u]);
    ${range(units)
      .map(
        (u) => `{
      let slot = tile.y + (unitAt + ${u * invocations}u) / ${perUnitRow}u;
      if (slot < tile.z) {
        let info = rowInfo[slot * shape.rowParts + p];
        let full = bitcast<f32>(info.x);
        if (full > 0.0) {
          let sum = (high${u} << vec4<u32>(8u)) + ${readUnit(u)} + vec4<i32>(128 * bitcast<i32>(info.y));
          let extraAt = (slot * shape.rowParts + p) * shape.paddedOutputs + columnAt + own;
          y${u} += (outputOf(sum, slot, p, part, matrix, constantAt, extraAt, counter) * full) * scale;
        }
      }
    }`,
      )
      .join("\n    ")}
  }
  ${range(units)
    .map(
      (u) =>
        `store(tile.y + (unitAt + ${u * invocations}u) / ${perUnitRow}u, tile.z, realColumn, own, columnCount, y${u});`,
    )
    .join("\n  ")}
}
${STORE}`;
}
