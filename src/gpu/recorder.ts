/** Buffers, pipelines and the recording of dispatches. */
import { type GpuContext, GpuError } from "./context.ts";

/** What a shader binds: number of the binding, and the buffer. Binding 0 is the parameters'. */
export type Bindings = Readonly<Record<number, GPUBuffer>>;

export interface Recorder {
  readonly gpu: GpuContext;
  /**
   * Adds a dispatch.
   *
   * @param key names the code: it is compiled once
   * @param parameters bound at 0
   */
  readonly dispatch: (
    key: string,
    code: () => string,
    parameters: Uint32Array,
    bindings: Bindings,
    groups: readonly [number, number, number],
  ) => void;
  readonly clear: (buffer: GPUBuffer) => void;
  readonly copy: (from: GPUBuffer, to: GPUBuffer, bytes: number) => void;
  /**
   * GPU time of what `record` dispatches, which has to fit one submission.
   *
   * @throws GpuError where the adapter has no clock
   */
  readonly measure_ns: (record: () => void) => Promise<number>;
  /** Hands all that was recorded to the GPU. */
  readonly submit: () => void;
  /** Submits, waits for the results and returns them. */
  readonly read: (buffer: GPUBuffer, bytes: number) => Promise<ArrayBuffer>;
  /** Submits and waits. @throws GpuError */
  readonly finish: () => Promise<void>;
  /** A buffer of at least so many bytes under a name, kept between calls. */
  readonly scratch: (name: string, bytes: number) => GPUBuffer;
  readonly release: () => void;
}

const PARAMETER_STRIDE_B = 256;
const PARAMETER_SLOTS = 2048;

/** @throws GpuError if the adapter cannot bind that much */
export function createBuffer({ device }: GpuContext, bytes: number): GPUBuffer {
  const most = Math.min(device.limits.maxStorageBufferBindingSize, device.limits.maxBufferSize);
  const size = Math.max(16, Math.ceil(bytes / 16) * 16);
  if (size > most) throw new GpuError(`a buffer of ${size} bytes; the adapter binds ${most}`);
  const { STORAGE, COPY_SRC, COPY_DST } = GPUBufferUsage;
  return device.createBuffer({ size, usage: STORAGE | COPY_SRC | COPY_DST });
}

export function upload(gpu: GpuContext, data: Float32Array | Uint32Array): GPUBuffer {
  const buffer = createBuffer(gpu, data.byteLength);
  write(gpu, buffer, 0, data);
  return buffer;
}

export function write(
  { device }: GpuContext,
  buffer: GPUBuffer,
  offset_B: number,
  data: Float32Array | Uint32Array,
): void {
  // Shared memory is refused, a slice of it is a copy.
  const own = data.buffer instanceof ArrayBuffer ? data : data.slice();
  const { queue } = device;
  queue.writeBuffer(buffer, offset_B, own.buffer as ArrayBuffer, own.byteOffset, own.byteLength);
}

export function createRecorder(gpu: GpuContext): Recorder {
  const { device } = gpu;
  const pipelines = new Map<string, GPUComputePipeline>();
  const named = new Map<string, GPUBuffer>();
  const retired: GPUBuffer[] = [];
  const parameters = device.createBuffer({
    size: PARAMETER_STRIDE_B * PARAMETER_SLOTS,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const staged = new Uint32Array((PARAMETER_STRIDE_B * PARAMETER_SLOTS) / 4);
  let used = 0;
  let encoder: GPUCommandEncoder | null = null;
  let pass: GPUComputePassEncoder | null = null;

  const encoding = (): GPUCommandEncoder => {
    encoder ??= device.createCommandEncoder();
    return encoder;
  };
  const outsidePass = (): GPUCommandEncoder => {
    pass?.end();
    pass = null;
    return encoding();
  };
  const pipelineOf = (key: string, code: () => string): GPUComputePipeline => {
    const known = pipelines.get(key);
    if (known) return known;
    const module = device.createShaderModule({ label: key, code: code() });
    const compute = { module, entryPoint: "main" };
    const made = device.createComputePipeline({ label: key, layout: "auto", compute });
    pipelines.set(key, made);
    return made;
  };
  const submit = (): void => {
    if (encoder === null) return;
    const commands = outsidePass().finish();
    encoder = null;
    device.queue.writeBuffer(parameters, 0, staged, 0, (used * PARAMETER_STRIDE_B) / 4);
    used = 0;
    device.queue.submit([commands]);
    for (const buffer of retired.splice(0)) buffer.destroy();
  };
  const stopped = async (error: unknown): Promise<never> => {
    // The first failure says more than what comes of it.
    await gpu.check();
    throw new GpuError(String(error));
  };
  const finish = async (): Promise<void> => {
    submit();
    await device.queue.onSubmittedWorkDone().catch(stopped);
    await gpu.check();
  };
  const read = async (buffer: GPUBuffer, bytes: number): Promise<ArrayBuffer> => {
    const size = Math.ceil(bytes / 4) * 4;
    const { MAP_READ, COPY_DST } = GPUBufferUsage;
    const target = device.createBuffer({ size, usage: MAP_READ | COPY_DST });
    outsidePass().copyBufferToBuffer(buffer, 0, target, 0, size);
    submit();
    await target.mapAsync(GPUMapMode.READ).catch(stopped);
    await gpu.check();
    const copy = target.getMappedRange().slice(0);
    target.destroy();
    return copy;
  };
  return {
    gpu,
    submit,
    finish,
    read,
    measure_ns: async (record) => {
      if (!gpu.features.has("timestamp-query")) throw new GpuError("no timestamps");
      await finish();
      const querySet = device.createQuerySet({ type: "timestamp", count: 2 });
      const { QUERY_RESOLVE, COPY_SRC } = GPUBufferUsage;
      const times = device.createBuffer({ size: 16, usage: QUERY_RESOLVE | COPY_SRC });
      const timestampWrites = { querySet, beginningOfPassWriteIndex: 0, endOfPassWriteIndex: 1 };
      pass = outsidePass().beginComputePass({ timestampWrites });
      record();
      outsidePass().resolveQuerySet(querySet, 0, 2, times, 0);
      const [begin, end] = new BigUint64Array(await read(times, 16));
      querySet.destroy();
      times.destroy();
      return Number(end! - begin!);
    },
    dispatch: (key, code, values, bindings, [x, y, z]) => {
      if (x * y * z === 0) return;
      if (used === PARAMETER_SLOTS) submit();
      const pipeline = pipelineOf(key, code);
      staged.set(values, (used * PARAMETER_STRIDE_B) / 4);
      const own = {
        buffer: parameters,
        offset: used * PARAMETER_STRIDE_B,
        size: values.byteLength,
      };
      used++;
      const group = device.createBindGroup({
        layout: pipeline.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: own },
          ...Object.entries(bindings).map(([binding, buffer]) => ({
            binding: Number(binding),
            resource: { buffer },
          })),
        ],
      });
      pass ??= encoding().beginComputePass();
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(x, y, z);
    },
    clear: (buffer) => outsidePass().clearBuffer(buffer),
    copy: (from, to, bytes) => outsidePass().copyBufferToBuffer(from, 0, to, 0, bytes),
    scratch: (name, bytes) => {
      const known = named.get(name);
      if (known && known.size >= bytes) return known;
      if (known) retired.push(known);
      const made = createBuffer(gpu, bytes);
      named.set(name, made);
      return made;
    },
    release: () => {
      for (const buffer of [...named.values(), ...retired]) buffer.destroy();
      named.clear();
      parameters.destroy();
    },
  };
}
