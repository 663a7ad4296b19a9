// What the second plane does, counted where it is done: over all devices of a session.

/** Counts that only grow. */
export interface Counts {
  /** Pipelines compiled while a device was warmed up, and later, which none should be. */
  compiled: number;
  compiledLate: number;
  /** Writes of rows to the GPU, and their bytes. */
  uploads: number;
  uploadedBytes: number;
  /** Parts that gave way to others. */
  evictions: number;
}

/** Nothing yet. */
export const noCounts = (): Counts => ({ compiled: 0, compiledLate: 0, uploads: 0, uploadedBytes: 0, evictions: 0 });

/** Calls back for every pipeline that is compiled on a device from now on, whoever asks for it. */
export function onCompile(device: GPUDevice, count: () => void): void {
  const now = device.createComputePipeline.bind(device);
  const later = device.createComputePipelineAsync.bind(device);
  device.createComputePipeline = (descriptor) => {
    count();
    return now(descriptor);
  };
  device.createComputePipelineAsync = (descriptor) => {
    count();
    return later(descriptor);
  };
}
