import { describe, expect, test } from "vitest";
import { topologies } from "../../src/interconnect/index.ts";
import { LEVELS, OVERFLOWS } from "../../src/model/run.ts";
import { devices } from "../../src/numerics/devices/index.ts";
import { SCORE_NAMES } from "../../src/placement/strategy.ts";
import { FORWARD_FAMILIES } from "../../src/transformer/supported.ts";
import { textOf } from "./pages.ts";

/** What a page must name, so that a new plug-in is not left out of it. */
const NAMED: Readonly<Record<string, readonly string[]>> = {
  "docs/model.md": [...Object.keys(devices), ...SCORE_NAMES, ...LEVELS, ...OVERFLOWS],
  "docs/limitations.md": FORWARD_FAMILIES,
};

describe.each(Object.entries(NAMED))("%s", (page, names) => {
  test.each(names)("tells of `%s`", (name) => {
    expect(textOf(page)).toContain(`\`${name}\``);
  });
});

test("docs/model.md has the rule of every topology", () => {
  for (const name of Object.keys(topologies))
    expect(textOf("docs/model.md")).toContain(`| ${name} |`);
});
