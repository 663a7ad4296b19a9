// All pipelines of one device, compiled together when it is got; and how many were compiled later, which must be none.

import { type Constants, codeOf, type KernelName, kernelOf, permutations, pipelineName } from './tiers.ts';

/** A compiled permutation. */
export interface Pipeline {
  readonly kernel: KernelName;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The pipelines of one device. */
export class Pipelines {
  readonly #all = new Map<string, Pipeline>();
  /** Has the shading language products of packed integers? */
  readonly packed: boolean;
  /** Milliseconds of the warm-up. */
  readonly warmupMs: number;

  private constructor(all: readonly (readonly [string, Pipeline])[], warmupMs: number, packed: boolean) {
    this.packed = packed;
    this.#all = new Map(all);
    this.warmupMs = warmupMs;
  }

  /**
   * Compiles everything in the table, for a shading language that has products of packed integers or not.
   *
   * @throws GPUPipelineError for a shader that does not validate.
   */
  static async compile(device: GPUDevice, packed: boolean): Promise<Pipelines> {
    const started = performance.now();
    const all = await Promise.all(
      permutations(packed).map(async ({ kernel, constants }) => {
        const name = pipelineName(kernel, constants);
        return [name, await compiled(device, kernel, constants, name)] as const;
      }),
    );
    return new Pipelines(all, performance.now() - started, packed);
  }

  get count(): number {
    return this.#all.size;
  }

  /** One of the table. What is not in it was never compiled, and is not now. */
  get(kernel: KernelName, constants: Constants): Pipeline {
    const name = pipelineName(kernel, constants);
    const found = this.#all.get(name);
    if (!found) throw new RangeError(`the pipeline "${name}" is in no table`);
    return found;
  }
}

async function compiled(device: GPUDevice, kernel: KernelName, constants: Constants, label: string): Promise<Pipeline> {
  const entries = kernelOf(kernel).bindings.map(({ binding, type }) => ({
    binding,
    visibility: GPUShaderStage.COMPUTE,
    buffer: { type: type as GPUBufferBindingType },
  }));
  const uniform = { binding: 0, visibility: GPUShaderStage.COMPUTE, buffer: { type: 'uniform' as const } };
  const layout = device.createBindGroupLayout({ label, entries: [uniform, ...entries] });
  const module = device.createShaderModule({ label, code: codeOf(kernel, constants) });
  const pipeline = await device.createComputePipelineAsync({
    label,
    layout: device.createPipelineLayout({ bindGroupLayouts: [layout] }),
    compute: { module, entryPoint: 'main' },
  });
  return { kernel, pipeline, layout };
}
