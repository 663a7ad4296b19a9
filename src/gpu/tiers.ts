// The fixed shapes: every pipeline there is, and which of them a job takes. Buffers have room for a tier; rows and queries that a job does not
// have are masked. So nothing is compiled once the first job runs.

import { KERNELS, TABLE } from './kernels.gen.ts';

/** A kernel's name. */
export type KernelName = keyof typeof KERNELS;
/** What a permutation fixes. */
export type Constants = Readonly<Record<string, number | boolean>>;

/** How a kernel's buffers are bound; parameters are a uniform at binding 0. */
export interface Kernel {
  readonly text: string;
  readonly params: Readonly<Record<string, { readonly offset: number; readonly type: string }>>;
  readonly bindings: readonly { readonly name: string; readonly binding: number; readonly type: string }[];
}

/** Rows scored by one dispatch, and of those the rows whose best are kept together. */
export const { stripe: STRIPE } = TABLE;
export const { TILE } = TABLE.shared;
/** Queries scored by one dispatch. */
export const BATCH_MAX = Math.max(...TABLE.batches);

/** How many rows a query gets: a few more than are wanted, so that those wanted can be proved to be the best. */
export interface Top {
  readonly k: number;
  readonly keep: number;
  /** Entries that a workgroup holds. */
  readonly pool: number;
}

/** The most rows that can be wanted. */
export const K_MAX = Math.max(...TABLE.tops.map(({ k }) => k));

/** The most of a job by codes: their scores are so coarse that it needs the largest tier. */
export const K_CODED_MAX = 100;

/** The smallest tier that has room. */
export function topFor(k: number, coded: boolean): Top {
  const top = TABLE.tops.find((tier) => k <= tier.k && (!coded || tier.k === K_MAX));
  if (!top) throw new RangeError(`no tier has room for ${k} rows`);
  return top;
}

/** Likewise for queries. */
export function batchFor(queries: number): number {
  const batch = TABLE.batches.find((size) => queries <= size);
  if (batch === undefined) throw new RangeError(`no tier has room for ${queries} queries`);
  return batch;
}

/** The name of a pipeline. */
export const pipelineName = (kernel: KernelName, constants: Constants): string =>
  [kernel, ...Object.entries(constants).map(([name, value]) => `${name}=${value}`)].join(' ');

/** The kernel of scores by codes, by whether the shading language has products of packed integers. */
export const codedKernel = (packed: boolean): KernelName => (packed ? 'score_sq8' : 'score_sq8_plain');

/** All pipelines that are compiled. */
export function permutations(packed: boolean): { readonly kernel: KernelName; readonly constants: Constants }[] {
  return Object.entries(TABLE.kernels).flatMap(([kernel, all]) =>
    kernel === codedKernel(!packed) ? [] : all.map((constants) => ({ kernel: kernel as KernelName, constants })),
  );
}

/** The kernel of a name. */
export const kernelOf = (name: KernelName): Kernel => KERNELS[name];

/** A permutation as it is compiled. */
export function codeOf(kernel: KernelName, constants: Constants): string {
  const lines = Object.entries({ ...TABLE.shared, ...constants }).map(
    ([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};\n`,
  );
  return lines.join('') + kernelOf(kernel).text;
}
