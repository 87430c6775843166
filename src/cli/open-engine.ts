import type { EngineName } from "../numerics/engine.ts";
import { createEngine } from "../numerics/engines/index.ts";
import type { ReusableEngine } from "../numerics/engines/reusable.ts";

/** An engine by its name; a library of the system is looked for only where it is asked for. */
export async function openEngine(name: EngineName): Promise<ReusableEngine> {
  if (name !== "native") return createEngine(name);
  const { loadBlas } = await import("./blas.ts");
  return createEngine(name, await loadBlas());
}
