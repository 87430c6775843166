import { ALWAYS_DIGITAL, type Module } from "../../model/matrix.ts";
import type { PlacementStrategy } from "../strategy.ts";

/** Only one kind of module digital: what it alone is worth. */
function onlyModule(module: Module, summary: string): PlacementStrategy {
  const digital = new Set<Module>([...ALWAYS_DIGITAL, module]);
  return {
    summary,
    needs: [],
    takesFraction: false,
    place: ({ matrices }) => matrices.map((m) => (digital.has(m.module) ? "digital" : "analog")),
  };
}

export const attentionDigital = onlyModule(
  "attention",
  "attention digital, everything else analog",
);
export const headDigital = onlyModule("lm-head", "LM head digital, everything else analog");
export const sharedDigital = onlyModule("shared", "shared experts digital, everything else analog");
export const denseLayersDigital = onlyModule(
  "dense",
  "feed-forward parts of layers without experts digital, everything else analog",
);
