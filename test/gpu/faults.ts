/** GPUs that fail: wrapped ones, since real ones fail when they please. */

/** An object whose given properties are others. */
export function wrapped<T extends object>(target: T, own: Readonly<Record<string, unknown>>): T {
  return new Proxy(target, {
    get: (_, key) => {
      if (typeof key === "string" && key in own) return own[key];
      const value = Reflect.get(target, key, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
    set: (_, key, value) => Reflect.set(target, key, value, target),
  });
}

/** A GPU whose adapter and device are changed. */
function altered(
  gpu: GPU,
  ofBoth: (own: GPUAdapter | GPUDevice) => Readonly<Record<string, unknown>>,
  ofDevice: (device: GPUDevice) => Readonly<Record<string, unknown>>,
  descriptor?: GPUDeviceDescriptor,
): GPU {
  return wrapped(gpu, {
    requestAdapter: async () => {
      const adapter = (await gpu.requestAdapter())!;
      const requestDevice = async (asked: GPUDeviceDescriptor): Promise<GPUDevice> => {
        const device = await adapter.requestDevice(descriptor ?? asked);
        return wrapped(device, { ...ofBoth(device), ...ofDevice(device) });
      };
      return wrapped(adapter, { ...ofBoth(adapter), requestDevice });
    },
  });
}

/** @param limits of adapter and device in place of the true ones */
export const withLimits = (gpu: GPU, limits: Readonly<Record<string, number>>): GPU =>
  altered(
    gpu,
    (own) => ({ limits: wrapped(own.limits, limits) }),
    () => ({}),
    {},
  );

/** A GPU from which only zeros are read. */
export const withZeros = (gpu: GPU): GPU =>
  altered(
    gpu,
    () => ({}),
    (device) => ({
      createBuffer: (descriptor: GPUBufferDescriptor) =>
        Object.assign(device.createBuffer(descriptor), {
          getMappedRange: () => new ArrayBuffer(descriptor.size),
        }),
    }),
  );

/** Takes all the memory there is; the driver reports that it has no more. */
export function useUpMemory(device: GPUDevice): void {
  const size = device.limits.maxBufferSize;
  const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST;
  for (let i = 0; i < 16; i++) device.createBuffer({ size, usage });
}
