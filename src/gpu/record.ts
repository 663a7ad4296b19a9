// What a job makes the GPU do, as a value: dispatches in order, each with its parameters and buffers; and its execution as one submission.

import type { Pipeline, Pipelines } from './pipelines.ts';
import { type Constants, type KernelName, kernelOf } from './tiers.ts';

/** One dispatch. Buffers and parameters are named as in the shader. */
export interface Dispatch {
  readonly kernel: KernelName;
  readonly constants: Constants;
  readonly params: Readonly<Record<string, number>>;
  readonly buffers: Readonly<Record<string, GPUBuffer>>;
  /** Workgroups. */
  readonly groups: readonly [number, number];
}

/** Bytes between the parameters of two dispatches: the least alignment that every device allows. */
const SLOT = 256;

/** Runs dispatches one after the other and reads the first bytes of a buffer, in one submission. */
export async function submit(
  device: GPUDevice,
  pipelines: Pipelines,
  dispatches: readonly Dispatch[],
  out: GPUBuffer,
  bytes: number,
): Promise<ArrayBuffer> {
  const params = device.createBuffer({
    label: 'parameters',
    size: SLOT * dispatches.length,
    usage: GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST,
  });
  const read = device.createBuffer({
    label: 'answer',
    size: bytes,
    usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST,
  });
  try {
    device.queue.writeBuffer(params, 0, packed(dispatches));
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass();
    for (const [at, dispatch] of dispatches.entries()) {
      const pipeline = pipelines.get(dispatch.kernel, dispatch.constants);
      pass.setPipeline(pipeline.pipeline);
      pass.setBindGroup(0, device.createBindGroup(bound(pipeline, dispatch, params, at)));
      pass.dispatchWorkgroups(...dispatch.groups);
    }
    pass.end();
    encoder.copyBufferToBuffer(out, 0, read, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await read.mapAsync(GPUMapMode.READ);
    return read.getMappedRange().slice(0);
  } finally {
    params.destroy();
    read.destroy();
  }
}

function bound(
  { kernel, layout }: Pipeline,
  { buffers }: Dispatch,
  slots: GPUBuffer,
  at: number,
): GPUBindGroupDescriptor {
  const size = 16 * Math.ceil(Object.keys(kernelOf(kernel).params).length / 4);
  const entries = kernelOf(kernel).bindings.map(({ name, binding }) => {
    const buffer = buffers[name];
    if (!buffer) throw new RangeError(`${kernel} has no buffer "${name}"`);
    return { binding, resource: { buffer } };
  });
  return { layout, entries: [{ binding: 0, resource: { buffer: slots, offset: SLOT * at, size } }, ...entries] };
}

function packed(dispatches: readonly Dispatch[]): ArrayBuffer {
  const view = new DataView(new ArrayBuffer(SLOT * dispatches.length));
  for (const [at, { kernel, params }] of dispatches.entries())
    for (const [name, { offset, type }] of Object.entries(kernelOf(kernel).params)) {
      const value = params[name];
      if (value === undefined) throw new RangeError(`${kernel} has no parameter "${name}"`);
      if (type === 'f32') view.setFloat32(SLOT * at + offset, value, true);
      else view.setUint32(SLOT * at + offset, value, true);
    }
  return view.buffer;
}
