// Errors keep their code, sentence and data across every border.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { AetherError, asAether, CODES, type ErrorCode, fromWire, toWire } from './errors.ts';

const codes = Object.keys(CODES) as ErrorCode[];

describe('an error', () => {
  it.each(codes)('%s crosses as plain data and comes back whole', (code) => {
    const error = new AetherError(code, 'what happened: 3 instead of 4. Do this.', {
      detail: { given: 3, ids: ['a'] },
    });
    const back = fromWire(structuredClone(toWire(error)));
    expect(back).toBeInstanceOf(AetherError);
    expect([back.code, back.message, back.detail]).toEqual([
      code,
      `${code}: what happened: 3 instead of 4. Do this.`,
      error.detail,
    ]);
    expect(toWire(back)).toEqual(toWire(error));
  });

  it('without data has none after the crossing, and an empty or long sentence stays', () => {
    for (const sentence of ['', 'a: b: c', 'AV_CORRUPT: twice', 'two\nlines']) {
      const wire = toWire(new AetherError('AV_LIMIT', sentence));
      expect(Object.keys(wire)).toEqual(['code', 'message']);
      expect(fromWire(wire).message).toBe(`AV_LIMIT: ${sentence}`);
    }
  });

  it('of the guest, a string with a code, becomes an AetherError of that code', () => {
    for (const code of codes)
      expect(asAether(`${code}: a sentence\nand more`)).toMatchObject({
        code,
        message: `${code}: a sentence\nand more`,
      });
    expect(asAether('AV_NO_SUCH: x')).toMatchObject({ code: 'AV_INTERNAL' });
    expect(asAether('AV_constructor: x')).toMatchObject({ code: 'AV_INTERNAL' });
  });

  it('of anybody else keeps its text and gets the code that is given', () => {
    for (const thrown of [new TypeError('odd'), 'odd', { odd: 1 }, undefined, null, 7, Symbol('odd')])
      expect(asAether(thrown, 'AV_EMBEDDER')).toMatchObject({ code: 'AV_EMBEDDER', name: 'AetherError' });
    expect(asAether(new TypeError('odd')).message).toBe('AV_INTERNAL: TypeError: odd');
    const own = new AetherError('AV_QUOTA', 'full');
    expect(asAether(own)).toBe(own);
  });

  it('keeps its cause where it was made', () => {
    const cause = new Error('below');
    expect(new AetherError('AV_STORAGE', 'x', { cause }).cause).toBe(cause);
    expect('cause' in new AetherError('AV_STORAGE', 'x')).toBe(false);
  });
});

describe('the list of codes', () => {
  it('holds every code of the guest', () => {
    const rust = readFileSync(new URL('../../wasm/crates/core/src/error.rs', import.meta.url), 'utf8');
    const named = [...rust.matchAll(/"(AV_[A-Z_]+)"/g)].map(([, code]) => code);
    expect(named.length).toBeGreaterThanOrEqual(5);
    for (const code of named) expect(codes).toContain(code);
  });

  it('explains each in words', () => {
    for (const [code, meaning] of Object.entries(CODES)) {
      expect(code).toMatch(/^AV_[A-Z]+(_[A-Z]+)*$/);
      expect(meaning.length).toBeGreaterThan(15);
    }
  });
});
