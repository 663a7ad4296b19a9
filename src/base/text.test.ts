// Strings as they can be stored, and heading paths as one string.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { utf8 } from './bytes.ts';
import { joinPath, splitPath } from './path.ts';
import { isWellFormed, utf8Length } from './text.ts';

const anyUnits = fc
  .array(fc.constantFrom('a', 'ß', '€', '\ud83d', '\ude00', '😀', '\ud800', '\udfff'))
  .map((list) => list.join(''));

describe('well-formed', () => {
  it('means that UTF-8 and back gives the same string', () => {
    const same = (text: string): boolean => new TextDecoder('utf-8', { ignoreBOM: true }).decode(utf8(text)) === text;
    fc.assert(
      fc.property(anyUnits, (text) => {
        expect(isWellFormed(text)).toBe(same(text));
      }),
      { numRuns: 1000 },
    );
  });

  it('fails for a lone surrogate at every place', () => {
    for (const bad of ['\ud800', '\udc00', 'a\ud800', '\ud800a', '\udc00\ud800', '😀\ude00', '\ud83d😀'])
      expect(isWellFormed(bad)).toBe(false);
    for (const good of ['', 'a', '😀', '😀😀', '\uffff\u0000']) expect(isWellFormed(good)).toBe(true);
  });
});

it('the UTF-8 length is that of the encoder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      expect(utf8Length(text)).toBe(utf8(text).length);
    }),
  );
  expect([utf8Length('aß€😀'), utf8Length('')]).toEqual([10, 0]);
});

describe('a path', () => {
  it('comes back from its one string', () => {
    const part = fc.string({ minLength: 1 }).filter((text) => !text.includes('\u001f'));
    fc.assert(
      fc.property(fc.array(part), (path) => {
        expect(splitPath(joinPath(path))).toEqual(path);
      }),
    );
  });

  it('takes no separator inside an element', () => {
    expect(splitPath(joinPath(['a\u001fb', 'c']))).toEqual(['a b', 'c']);
  });
});
