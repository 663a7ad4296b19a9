// All pipelines of one device, compiled together when it is got; and how many are compiled later, which must be none.

import { type Counts, noCounts, onCompile } from './counts.ts';
import { type Constants, codeOf, type KernelName, kernelOf, type Offers, permutations, pipelineName } from './tiers.ts';

/** A compiled permutation. */
export interface Pipeline {
  readonly kernel: KernelName;
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
}

/** The pipelines of one device. */
export class Pipelines {
  readonly #all = new Map<string, Pipeline>();
  /** For what they are compiled. */
  readonly offers: Offers;
  /** Milliseconds of the warm-up. */
  readonly warmupMs: number;

  private constructor(all: readonly (readonly [string, Pipeline])[], warmupMs: number, offers: Offers) {
    this.offers = offers;
    this.#all = new Map(all);
    this.warmupMs = warmupMs;
  }

  /**
   * Compiles everything in the table that is for what the device offers. Whatever else is compiled on the
   * device is counted from then on.
   *
   * @throws GPUPipelineError for a shader that does not validate.
   */
  static async compile(device: GPUDevice, offers: Offers, counts: Counts = noCounts()): Promise<Pipelines> {
    const started = performance.now();
    let warm = false;
    onCompile(device, () => {
      if (warm) counts.compiledLate++;
      else counts.compiled++;
    });
    const all = await Promise.all(
      permutations(offers).map(async ({ kernel, constants }) => {
        const name = pipelineName(kernel, constants);
        return [name, await compiled(device, kernel, constants, name)] as const;
      }),
    );
    warm = true;
    return new Pipelines(all, performance.now() - started, offers);
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
