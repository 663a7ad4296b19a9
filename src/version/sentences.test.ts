// Sentences of prose, lines of everything else, and that nothing is lost between them.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sentencesOf } from './sentences.ts';

function cut(text: string): string[] {
  return sentencesOf(text).map(({ start, end }) => text.slice(start, end));
}

describe('sentences', () => {
  it('end with a full stop, an exclamation or a question mark and what closes with it', () => {
    expect(cut('One. Two! Three?\nFour (all of it.) "Five."  Six')).toEqual([
      'One.',
      'Two!',
      'Three?',
      'Four (all of it.)',
      '"Five."',
      'Six',
    ]);
    expect(cut('It runs over\ntwo lines. And **ends.** here.\n\nNext')).toEqual([
      'It runs over\ntwo lines.',
      'And **ends.** here.',
      'Next',
    ]);
    expect(cut('Use npm. npm is there. Wait... what? 「はい。」')).toEqual([
      'Use npm.',
      'npm is there.',
      'Wait... what?',
      '「はい。」',
    ]);
  });

  it('do not end inside numbers, abbreviations or inline code', () => {
    expect(cut('It is 3.14, i.e. pi, e.g. in v1.2.3 of a.b. Dr. No, etc. and so on, etc. The end.')).toEqual([
      'It is 3.14, i.e. pi, e.g. in v1.2.3 of a.b.',
      'Dr. No, etc. and so on, etc.',
      'The end.',
    ]);
    expect(cut('See `a. B! c` and ``x ` y. Z`` now. See fig. 3 by J. Smith. A ` stays. Alone.')).toEqual([
      'See `a. B! c` and ``x ` y. Z`` now.',
      'See fig. 3 by J. Smith.',
      'A ` stays.',
      'Alone.',
    ]);
    expect(cut('It is called `a.` Next. Use `b`. Then `c`.')).toEqual([
      'It is called `a.` Next.',
      'Use `b`.',
      'Then `c`.',
    ]);
  });

  it('end anywhere in scripts without spaces', () => {
    expect(cut('今日は。元気ですか？はい！Yes.')).toEqual(['今日は。', '元気ですか？', 'はい！', 'Yes.']);
    expect(cut('这是版本3.5的说明。真的!是的?对')).toEqual(['这是版本3.5的说明。', '真的!', '是的?', '对']);
  });

  it('are lines in code, tables, lists and headings', () => {
    expect(cut('```js\na. B();\n\n  c();\n```\nText. More.')).toEqual([
      '```js',
      'a. B();',
      'c();',
      '```',
      'Text.',
      'More.',
    ]);
    expect(cut('| a. B | c |\n|---|---|\n| d | e. F |')).toEqual(['| a. B | c |', '|---|---|', '| d | e. F |']);
    expect(cut('a | b\n--|--\nc. D | e')).toEqual(['a | b', '--|--', 'c. D | e']);
    expect(cut('- one. Two.\n  on. And\n* three\n\n1. four. Five')).toEqual([
      '- one. Two.',
      'on. And',
      '* three',
      '1. four. Five',
    ]);
    expect(cut('# A. B\nText. More.')).toEqual(['# A. B', 'Text.', 'More.']);
    expect(cut('    let a. B\n    c')).toEqual(['let a. B', 'c']);
    expect(cut('---\na: b. C\n---')).toEqual(['---', 'a: b. C', '---']);
    expect([cut(''), cut(' \n\t')]).toEqual([[], []]);
  });

  it('cover all text, in order, without white space around them', () => {
    const bit = fc.constantFrom(
      'a',
      'B',
      '. ',
      '.',
      '!',
      '。',
      '`',
      '``',
      '\n',
      '\n\n',
      '- ',
      '|',
      '```\n',
      '# ',
      '🙂',
      '漢',
      '"',
      '1',
    );
    const text = fc.oneof(
      fc.array(bit, { maxLength: 60 }).map((bits) => bits.join('')),
      fc.string({ unit: 'binary' }),
    );
    fc.assert(
      fc.property(text, (drawn) => {
        let at = 0;
        for (const { start, end } of sentencesOf(drawn)) {
          const [gap, sentence] = [drawn.slice(at, start), drawn.slice(start, end)];
          const fine = start >= at && gap.trim() === '' && sentence !== '' && sentence.trim() === sentence;
          if (!fine) expect.fail(JSON.stringify({ at, start, end }));
          at = end;
        }
        expect(drawn.slice(at).trim()).toBe('');
      }),
      { numRuns: 1000, seed: 7 },
    );
  });

  it('wide digits around a wide full stop stay together', () => {
    const text = '円周率は３．１４。次の文。';
    expect(sentencesOf(text).map(({ start, end }) => text.slice(start, end))).toEqual([
      '円周率は３．１４。',
      '次の文。',
    ]);
  });

  it('takes time in proportion to the text', () => {
    const start = performance.now();
    for (const bit of ['`a ', '``` ` ', 'a. ', '. . ', '\n', 'a', '|\n']) sentencesOf(bit.repeat(30_000));
    expect(performance.now() - start).toBeLessThan(5000);
  });
});
