import { expect, test } from "vitest";
import { hubNode, tileNodes } from "../../src/mapping/position.ts";

const mesh = { kind: "mesh" as const, cols: 3, rows: 2, tiles_per_node: 2, hub_nodes: [1, 4] };

test("tiles fill nodes in row-major order and leave hubs out", () => {
  expect([...tileNodes(mesh, 7)]).toEqual([0, 0, 2, 2, 3, 3, 5]);
});

test("a mesh with too few places is refused with both numbers", () => {
  expect(() => tileNodes(mesh, 9)).toThrow("8 of 9");
});

test("layers take turns on the hubs", () => {
  expect([-1, 0, 1, 2, 3].map((layer) => hubNode(mesh, layer))).toEqual([1, 1, 4, 1, 4]);
});
