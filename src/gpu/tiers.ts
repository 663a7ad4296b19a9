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
  /** Of the adapter, that it cannot do without. */
  readonly features: readonly string[];
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

/** What is used where it is offered: products of packed integers by the shading language, subgroups by the adapter. */
export interface Offers {
  readonly packed: boolean;
  readonly subgroups: boolean;
}

/** The kernel of scores by codes. */
export const codedKernel = ({ packed }: Offers): KernelName => (packed ? 'score_sq8' : 'score_sq8_plain');
/** The kernel of the best of each tile. */
export const tileKernel = ({ subgroups }: Offers): KernelName => (subgroups ? 'topk_tile_subgroups' : 'topk_tile');

/** All pipelines that are compiled: of kernels that do the same, those for what is offered. */
export function permutations(offers: Offers): { readonly kernel: KernelName; readonly constants: Constants }[] {
  const others = { packed: !offers.packed, subgroups: !offers.subgroups };
  const left = [codedKernel(others), tileKernel(others)];
  return Object.entries(TABLE.kernels).flatMap(([name, all]) => {
    const kernel = name as KernelName;
    return left.includes(kernel) ? [] : all.map((constants) => ({ kernel, constants }));
  });
}

/** The kernel of a name. */
export const kernelOf = (name: KernelName): Kernel => KERNELS[name];

/** A permutation as it is compiled. */
export function codeOf(kernel: KernelName, constants: Constants): string {
  const lines = Object.entries({ ...TABLE.shared, ...constants }).map(
    ([name, value]) => `const ${name} = ${typeof value === 'number' ? `${value}u` : value};\n`,
  );
  const { features, text } = kernelOf(kernel);
  return features.map((name) => `enable ${name};\n`).join('') + lines.join('') + text;
}
