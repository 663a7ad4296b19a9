// The three shipped binaries: which instructions they hold, and how large they are.

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { chooseBuild } from '../../src/index/load.ts';
import { BUILDS, wasmBytes } from '../kit/engine.ts';
import { countOpcodes } from '../kit/opcodes.ts';

const GZIP_BYTES_MAX = 140_000;
const counts = Object.fromEntries(BUILDS.map((build) => [build, countOpcodes(wasmBytes(build))]));

describe('the counter of instructions', () => {
  it('tells plain, vector and relaxed instructions apart, and takes no operand for one', () => {
    // i64.const 0xfd...; drop; v128.const (16 bytes of 0xfd); i8x16.splat-free: drop; relaxed dot of three constants; drop; end
    const constant = [0xfd, 12, ...new Array<number>(16).fill(0xfd)];
    const code = [
      0x42,
      0xfd,
      0x7d,
      0x1a,
      ...constant,
      0x1a,
      ...constant,
      ...constant,
      ...constant,
      0xfd,
      0x93,
      2,
      0x1a,
      0x0b,
    ];
    const binary = [
      0,
      97,
      115,
      109,
      1,
      0,
      0,
      0,
      1,
      4,
      1,
      96,
      0,
      0,
      3,
      2,
      1,
      0,
      10,
      code.length + 3,
      1,
      code.length + 1,
      0,
      ...code,
    ];
    expect(WebAssembly.validate(new Uint8Array(binary))).toBe(true);
    expect(countOpcodes(new Uint8Array(binary))).toEqual({ all: 10, simd: 4, relaxed: 1 });
  });

  it('refuses a binary that it cannot read to the end', () => {
    const whole = wasmBytes('scalar');
    expect(() => countOpcodes(whole.subarray(0, whole.length / 2))).toThrow('ends early');
  });
});

describe.each(BUILDS)('the %s build', (build) => {
  const { all = 0, simd = 0, relaxed = 0 } = counts[build] ?? {};

  it('holds vector instructions exactly as its name says', () => {
    console.info(`${build}: ${all} instructions, ${simd} vector, ${relaxed} relaxed`);
    expect(all).toBeGreaterThan(10_000);
    if (build === 'scalar') expect([simd, relaxed]).toEqual([0, 0]);
    else expect(simd).toBeGreaterThan(100);
    if (build === 'relaxed') expect(relaxed).toBeGreaterThan(0);
    else expect(relaxed).toBe(0);
  });

  it('fits in 140 KB when it is packed', () => {
    const bytes = gzipSync(wasmBytes(build), { level: 9 }).length;
    console.info(`${build}: ${bytes} bytes gzipped`);
    expect(bytes).toBeLessThanOrEqual(GZIP_BYTES_MAX);
  });

  it('imports nothing but the stemmers and what wasm-bindgen needs: the guest sees no browser', () => {
    const module = new WebAssembly.Module(wasmBytes(build));
    for (const { module: from, name } of WebAssembly.Module.imports(module)) {
      expect(from).toBe('./aetherv_bg.js');
      expect(name).toMatch(/^__wbindgen_|^__wbg_[a-z0-9_]*(throw|Error|memory|error)|^__wbg_(stem|is_ready)_/);
    }
  });
});

describe('choosing a build', () => {
  it('takes the fastest that the machine validates', () => {
    expect(chooseBuild().build).toBe('relaxed');
    let asked = 0;
    expect(chooseBuild(() => asked++ > 0).build).toBe('simd128');
    expect(chooseBuild(() => false).build).toBe('scalar');
  });
});
