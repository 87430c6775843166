/** A GPU as the simulator uses it: opened with the limits that the adapter has. */
/// <reference types="@webgpu/types" />

/** The GPU cannot do, or go on with, what was asked: another engine has to. */
export class GpuError extends Error {}

export interface GpuContext {
  readonly device: GPUDevice;
  /** Vendor, architecture and device, as far as the driver tells. */
  readonly name: string;
  readonly features: ReadonlySet<string>;
  /** Shaders may multiply bytes four at a time. */
  readonly hasPackedDots: boolean;
  /** A processor plays the GPU: long shaders take it minutes to compile. */
  readonly isSoftware: boolean;
  /** Shapes of 8-bit matrix products with 32-bit sums that a subgroup computes at once. */
  readonly matrixShapes: readonly MatrixShape[];
  /** @throws GpuError if the device was lost, ran out of memory or refused a command */
  readonly check: () => Promise<void>;
  readonly close: () => void;
}

export interface MatrixShape {
  readonly M: number;
  readonly N: number;
  readonly K: number;
}

const MATRIX_FEATURE = "chromium-experimental-subgroup-matrix";
const WANTED_FEATURES = ["timestamp-query", "subgroups", MATRIX_FEATURE];

const WANTED_LIMITS = [
  "maxStorageBufferBindingSize",
  "maxBufferSize",
  "maxComputeWorkgroupStorageSize",
  "maxComputeInvocationsPerWorkgroup",
  "maxComputeWorkgroupSizeX",
  "maxStorageBuffersPerShaderStage",
] as const;

/** Storage buffers that the widest shader binds. */
const STORAGE_BUFFERS = 8;
const INVOCATIONS = 256;

/** @throws GpuError if there is no adapter, or one that lacks something */
export async function openGpu(gpu: GPU): Promise<GpuContext> {
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) throw new GpuError("no WebGPU adapter was found");
  requireAdapter(adapter);
  const features = WANTED_FEATURES.filter((feature) => adapter.features.has(feature));
  const device = await adapter
    .requestDevice({
      requiredFeatures: features as GPUFeatureName[],
      requiredLimits: Object.fromEntries(WANTED_LIMITS.map((l) => [l, adapter.limits[l]])),
    })
    .catch((error: unknown) => {
      throw new GpuError(`the adapter gives no device: ${error}`);
    });
  const failures: string[] = [];
  let closed = false;
  void device.lost.then(({ message }) => {
    if (!closed) failures.push(`device lost: ${message}`);
  });
  const nextErrors = errorsOf(device);
  return {
    device,
    name: nameOf(adapter.info),
    features: new Set(features),
    hasPackedDots: gpu.wgslLanguageFeatures.has("packed_4x8_integer_dot_product"),
    isSoftware: adapter.info.isFallbackAdapter || /swiftshader|llvmpipe/.test(nameOf(adapter.info)),
    matrixShapes: features.includes(MATRIX_FEATURE) ? matrixShapes(adapter.info) : [],
    check: async () => {
      failures.push(...(await nextErrors()));
      if (failures.length > 0) throw new GpuError(failures[0]!.split("\n")[0]);
    },
    close: () => {
      closed = true;
      device.destroy();
    },
  };
}

/**
 * Catches a device's errors in scopes: those that nobody catches are printed by Dawn.
 *
 * @returns what gives the first errors since it was last asked
 */
function errorsOf(device: GPUDevice): () => Promise<readonly string[]> {
  const kinds = ["validation", "out-of-memory", "internal"] as const;
  const push = (): void => {
    for (const kind of kinds) device.pushErrorScope(kind);
  };
  push();
  return async () => {
    // A lost device has no scopes.
    const popped = kinds.map(() => device.popErrorScope().catch(() => null));
    push();
    return (await Promise.all(popped)).flatMap((error) => (error === null ? [] : [error.message]));
  };
}

function requireAdapter({ limits }: GPUAdapter): void {
  if (limits.maxStorageBuffersPerShaderStage < STORAGE_BUFFERS)
    throw new GpuError(
      `the adapter binds ${limits.maxStorageBuffersPerShaderStage} storage buffers, ${STORAGE_BUFFERS} are needed`,
    );
  if (limits.maxComputeInvocationsPerWorkgroup < INVOCATIONS)
    throw new GpuError(
      `the adapter runs ${limits.maxComputeInvocationsPerWorkgroup} invocations in a workgroup, ${INVOCATIONS} are needed`,
    );
}

const nameOf = ({ vendor, architecture, device, description }: GPUAdapterInfo): string =>
  [vendor, architecture, device, description].filter((part) => part !== "").join(" ") || "unnamed";

/** Not in the standard yet, hence not in its types. */
interface MatrixConfig extends MatrixShape {
  readonly componentType: string;
  readonly resultComponentType: string;
}

/** Invocations of a subgroup that the shaders are written for. */
const SUBGROUP = 32;

function matrixShapes(info: GPUAdapterInfo): readonly MatrixShape[] {
  if (info.subgroupMinSize !== SUBGROUP || info.subgroupMaxSize !== SUBGROUP) return [];
  const { subgroupMatrixConfigs } = info as { subgroupMatrixConfigs?: readonly MatrixConfig[] };
  const of = (component: string, result: string): readonly MatrixShape[] =>
    [...(subgroupMatrixConfigs ?? [])]
      .filter((c) => c.componentType === component && c.resultComponentType === result)
      .map(({ M, N, K }) => ({ M, N, K }));
  // Read noise and IR drop take unsigned bytes.
  const unsigned = of("u8", "u32").map((shape) => JSON.stringify(shape));
  return of("i8", "i32").filter((shape) => unsigned.includes(JSON.stringify(shape)));
}
