/** GPUs that need no hardware: Dawn's null backend, and SwiftShader where Debian's chromium is. */
import { existsSync } from "node:fs";
import { type GpuContext, openGpu } from "../../src/gpu/context.ts";

const ICD = "/usr/lib/chromium/vk_swiftshader_icd.json";

const dawn = await import("webgpu").catch(() => null);

/** Why there is no software driver; null: there is one. */
export const noSoftwareDriver: string | null =
  dawn === null
    ? "npm package webgpu is not installed"
    : existsSync(ICD)
      ? null
      : "no SwiftShader (Debian package chromium)";

/** Dawn's instance lives as long as it is referred to. */
const instances: GPU[] = [];

function create(flags: string[]): GPU {
  if (dawn === null) throw new Error("npm package webgpu is not installed");
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create(flags);
  instances.push(gpu);
  return gpu;
}

export const hasDawn = dawn !== null;

export function softwareInstance(): GPU {
  process.env["VK_DRIVER_FILES"] = ICD;
  process.env["VK_ICD_FILENAMES"] = ICD;
  process.env["XDG_RUNTIME_DIR"] ??= "/tmp";
  return create([]);
}

export const softwareGpu = (): Promise<GpuContext> => openGpu(softwareInstance());

/** A GPU that accepts and checks everything and computes nothing: every result is 0. */
export const nullInstance = (): GPU =>
  create(["backend=null", "enable-dawn-features=allow_unsafe_apis"]);

export async function nullDevice(): Promise<GPUDevice> {
  const adapter = await nullInstance().requestAdapter();
  if (adapter === null) throw new Error("no null adapter");
  const requiredFeatures = ["subgroups", "chromium-experimental-subgroup-matrix"];
  return adapter.requestDevice({ requiredFeatures: requiredFeatures as GPUFeatureName[] });
}
