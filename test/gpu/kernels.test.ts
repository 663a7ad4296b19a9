// Every kernel in every permutation, in real Chromium on its software adapter: equal to its twin and to a reference; and the shaders' build step.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { shaderErrors } from '../../.ci/shaders.mjs';
import { kernels, readKernel, texts } from '../../src/gpu/shaders/build.mjs';
import { GpuSite } from './site.ts';

const CASES = 6;
const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
let site: GpuSite;
beforeAll(async () => {
  console.log(`kernels run with AETHERV_SEED=${seed}`);
  site = await GpuSite.start();
  await site.call('parity', 'start');
});
afterAll(() => site.stop());

const { table } = kernels();
const all = Object.entries(table.kernels).flatMap(([kernel, permutations]) =>
  permutations.map((constants) => [kernel, JSON.stringify(constants), constants] as const),
);

describe('a kernel', () => {
  it.each(all)('%s %s equals its twin and the reference', async (kernel, _, constants) => {
    expect(await site.call('parity', 'cases', kernel, constants, CASES, seed)).toEqual([]);
  });

  it('is checked, whichever it is', async () => {
    expect(await site.call('parity', 'checked')).toEqual(expect.arrayContaining(Object.keys(table.kernels)));
  });
});

describe('the build step', () => {
  const good = (text: string) =>
    `struct Params { a: u32, b: f32, }\n@group(0) @binding(0) var<uniform> params: Params;\n@group(0) @binding(1) var<storage, read_write> out: array<u32>;\n${text}`;
  const main = '@compute @workgroup_size(64) fn main() { out[0] = params.a; }';

  it('reads bindings and the offsets of parameters', () => {
    expect(readKernel('k', [{}], good(main))).toMatchObject({
      params: { a: { offset: 0, type: 'u32' }, b: { offset: 4, type: 'f32' } },
      bindings: [{ name: 'out', binding: 1, type: 'storage' }],
    });
  });

  it.each([
    ['another entry point', good(main.replace('main', 'start'))],
    ['two entry points', good(`${main}\n${main.replace('main', 'second')}`)],
    ['no parameters', `@group(0) @binding(1) var<storage, read_write> out: array<u32>;\n${main}`],
    ['a parameter of several numbers', good(main).replace('a: u32', 'a: vec2u')],
    ['a binding out of order', good(main).replace('@binding(1)', '@binding(2)')],
    ['a binding of another kind', good(main).replace('var<storage, read_write>', 'var<workgroup>')],
  ])('refuses %s', (_, text) => {
    expect(() => readKernel('k', [{}], text)).toThrow(/^k\.wgsl/);
  });

  it('refuses what the compiler does, and says where', async () => {
    const errors = await shaderErrors({
      ...texts(),
      bad: good(main.replace('params.a', 'params.b')),
      worse: good('fn ('),
    });
    expect(errors).toContainEqual(expect.stringMatching(/^bad: .*out\[0\] = params\.b/s));
    expect(new Set(errors?.map((error) => error.split(':')[0]))).toEqual(new Set(['bad', 'worse']));
  });
});
