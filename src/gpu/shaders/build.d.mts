// Types of the shaders' build step, for tests.

export type Constants = Readonly<Record<string, number | boolean>>;

/** What a kernel's text says of its buffers. */
export interface Layout {
  readonly params: Readonly<Record<string, { readonly offset: number; readonly type: string }>>;
  readonly bindings: readonly { readonly name: string; readonly binding: number; readonly type: string }[];
}

export function kernels(): {
  readonly table: { readonly kernels: Readonly<Record<string, readonly Constants[]>> };
  readonly kernels: Readonly<Record<string, Layout & { readonly text: string; readonly features: readonly string[] }>>;
};
export function readKernel(name: string, permutations: readonly Constants[], text: string): Layout;
export function texts(): Readonly<Record<string, string>>;
export function build(): void;
