// Limits that hold for every text: exact offsets, sizes, stable cuts, linear time.

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chunk } from './chunk.ts';
import { CHUNK_CHARS_MAX, CHUNK_WORDS_MAX } from './chunk/split.ts';
import { countWords } from './chunk/words.ts';

const seed = Number(process.env.AETHERV_SEED ?? Date.now() % 2 ** 31);
console.info(`chunk properties run with AETHERV_SEED=${seed}`);

const formats = ['markdown', 'text'] as const;

function pieces(text: string, format: 'markdown' | 'text' = 'markdown'): string[] {
  return chunk(text, { format }).map(({ start, end }) => text.slice(start, end));
}

/** Throws at the first span that breaks a promise. */
function check(text: string, format: 'markdown' | 'text'): void {
  let at = 0;
  let rebuilt = '';
  for (const { start, end } of chunk(text, { format, title: 'T' })) {
    const piece = text.slice(start, end);
    if (start < at || end <= start || piece.trim() === '') throw new Error(`bad span ${start}..${end} behind ${at}`);
    if (piece.length > CHUNK_CHARS_MAX || countWords(piece) > CHUNK_WORDS_MAX)
      throw new Error(`too long ${start}..${end}`);
    if (/^[\udc00-\udfff]/.test(piece) && /[\ud800-\udbff]$/.test(text.slice(0, start)))
      throw new Error(`split pair ${start}`);
    rebuilt += text.slice(at, start) + piece;
    at = end;
  }
  if (rebuilt + text.slice(at) !== text) throw new Error('text lost');
  if ((at === 0) !== /^[\s\u0085]*$/.test(text)) throw new Error('chunks of nothing, or nothing of something');
}

const tokens = fc.constantFrom(
  ...'# ¦## a\n¦\n¦\n\n¦\r\n¦\r¦```\n¦~~~¦- a¦1. b¦  - c\n¦> q¦| a |¦|-|-|\n¦---\n¦===\n¦`c`¦\t¦    '.split('¦'),
  ...'<!-- ¦-->¦<a id="x">¦</div>¦<script>¦::: tip\n¦:::\n¦[a]: b\n¦Word. ¦。¦漢字¦😀¦\ud800¦\udc00¦\ufeff¦e\u0301'.split(
    '¦',
  ),
  ...['x'.repeat(50), 'One two three. '.repeat(20), 'a,b;'.repeat(400), 'ไทย'.repeat(300)],
);
const mixed = fc.array(fc.oneof({ weight: 5, arbitrary: tokens }, fc.string({ unit: 'binary', maxLength: 8 })), {
  maxLength: 60,
});

const word = fc.integer({ min: 0, max: 5000 }).map((n) => `w${n.toString(36)}`);
const sentence = fc.array(word, { minLength: 6, maxLength: 30 }).map((words) => `W${words.join(' ')}.`);

describe('every text', () => {
  it('falls into ordered spans within the limits that rebuild it exactly', () => {
    const property = fc.property(mixed, fc.constantFrom(...formats), (parts, format) => check(parts.join(''), format));
    fc.assert(property, { seed, numRuns: 1500 });
  });

  it('falls into the same chunks each time', () => {
    const property = fc.property(mixed, (parts) => {
      const text = parts.join('');
      expect(chunk(text, { format: 'markdown' })).toEqual(chunk(text, { format: 'markdown' }));
    });
    fc.assert(property, { seed, numRuns: 100 });
  });
});

describe('long blocks', () => {
  it('are cut at sentence ends, with pieces of 60 to 160 words but for the last', () => {
    const property = fc.property(fc.array(sentence, { minLength: 30, maxLength: 80 }), (sentences) => {
      const found = pieces(sentences.join(' '));
      expect(found.join(' ')).toBe(sentences.join(' '));
      for (const piece of found) expect(piece.endsWith('.')).toBe(true);
      for (const piece of found.slice(0, -1)) expect(countWords(piece)).toBeGreaterThanOrEqual(60);
    });
    fc.assert(property, { seed, numRuns: 100 });
  });

  it('keep most pieces when one sentence is edited, added or taken away', () => {
    let kept = 0;
    let all = 0;
    const edited = fc.tuple(fc.array(sentence, { minLength: 120, maxLength: 160 }), fc.nat(119), fc.nat(2), sentence);
    const property = fc.property(edited, ([sentences, at, how, fresh]) => {
      const after = sentences.toSpliced(at, how === 0 ? 0 : 1, ...(how === 2 ? [] : [fresh]));
      const before = new Set(pieces(sentences.join(' ')));
      const now = pieces(after.join(' '));
      all += now.length;
      kept += now.filter((piece) => before.has(piece)).length;
    });
    fc.assert(property, { seed, numRuns: 100 });
    expect(kept / all).toBeGreaterThan(0.85);
  });

  it('are cut at items in lists, at rows in tables and at lines in code', () => {
    const lines = Array.from({ length: 120 }, (_, n) => `value${n} of item${n * 7} is some${n % 13} thing`);
    for (const [block, start] of [
      [lines.map((line) => `- ${line}`).join('\n'), /^- /],
      [`| a |\n|---|\n${lines.map((line) => `| ${line} |`).join('\n')}`, /^\| /],
      [`\`\`\`\n${lines.join('\n')}\n\`\`\``, /^(?:value|```)/],
    ] as const) {
      const found = pieces(block);
      expect(found.join('\n')).toBe(block);
      expect(found.length).toBeGreaterThan(4);
      for (const piece of found) expect(piece).toMatch(start);
    }
  });

  it('are cut at words when a sentence is too long, and at 2,000 characters when there is no word end', () => {
    const words = Array.from({ length: 1000 }, (_, n) => `word${n}`).join(' ');
    expect(pieces(words).join(' ')).toBe(words);
    expect(pieces('x'.repeat(4500)).map((piece) => piece.length)).toEqual([2000, 2000, 500]);
    expect(pieces(`a${'😀'.repeat(5001)}`).every((piece) => /^a?(?:😀)+$/u.test(piece))).toBe(true);
  });
});

describe('a word', () => {
  it('is a run of letters or digits, or two characters of a script without spaces', () => {
    expect(countWords('It’s 3.14, snake_case – naïve')).toBe(7);
    expect(countWords('漢字かな、カナー')).toBe(4);
    expect(countWords('abc漢def')).toBe(3);
    expect(countWords('𠀀𠀁 ... 😀')).toBe(1);
  });
});

const SHAPES = [
  ...'a#`\n\r>[<-*_|~: \t.😀漢\\\ud800',
  ...'](¦ไทย¦<!-- ¦# a\n¦#\n¦<!--\n¦<script>\n¦- a\n\n¦- - - ¦```\n¦[a]: b\n\n¦a\n---\n¦|a|b|\n|-|-|\n¦::: tip\n'.split(
    '¦',
  ),
  ...['[](', '_a_', '`a`', '{#}'].map((part) => `# ${part.repeat(190)}\n`),
  `${'<a id="'.repeat(280)}\n\n`,
];

describe('a mebibyte', () => {
  it('of any shape is cut in linear time', { timeout: 120_000 }, () => {
    for (const shape of SHAPES) {
      const text = shape.repeat(Math.ceil(2 ** 20 / shape.length));
      const began = performance.now();
      chunk(text, { format: 'markdown' });
      if (shape === 'a' || shape === '\n') chunk(text, { format: 'text' });
      const ms = performance.now() - began;
      // A tenth of this on an idle machine; anything quadratic takes minutes.
      expect(ms, JSON.stringify(shape.slice(0, 20))).toBeLessThan(8000);
    }
  });
});
