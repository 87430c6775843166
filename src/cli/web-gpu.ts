/** WebGPU in Node: npm `webgpu` (Dawn), loaded only where it is asked for. */
import { type GpuContext, GpuError, openGpu } from "../gpu/context.ts";

/**
 * Matrix instructions are an experiment of Dawn's; bounds checks cost them a third, and every access
 * of the shaders is guarded by the shader itself, which also writes workgroup memory before it reads it.
 */
const FAST = "enable-dawn-features=allow_unsafe_apis,disable_robustness,disable_workgroup_init";
const PRECISE_CLOCK = "disable-dawn-features=timestamp_quantization";

/** Dawn's instance dies with the last reference to it, and takes the process along. */
const instances: GPU[] = [];

/** @throws GpuError with one line that says why there is no GPU */
export async function openWebGpu(isFast = true, more: readonly string[] = []): Promise<GpuContext> {
  const { create, globals } = await import("webgpu").catch((error: unknown) => {
    throw new GpuError(`npm package webgpu cannot be loaded: ${firstLine(error)}`);
  });
  Object.assign(globalThis, globals);
  const gpu = create([...(isFast ? [FAST, PRECISE_CLOCK] : [PRECISE_CLOCK]), ...more]);
  instances.push(gpu);
  return openGpu(gpu);
}

const firstLine = (error: unknown): string => String(error).split("\n")[0]!;
