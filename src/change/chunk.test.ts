// How Markdown and plain text fall into chunks: blocks, heading paths, gaps.

import { describe, expect, it } from 'vitest';
import { chunk } from './chunk.ts';

function texts(text: string, title?: string): string[] {
  return chunk(text, { format: 'markdown', title }).map(({ start, end }) => text.slice(start, end));
}

function paths(text: string, title?: string): string[] {
  return chunk(text, { format: 'markdown', title }).map(({ path }) => path.join(' > '));
}

describe('blocks', () => {
  it('gives every paragraph, list, table, fence and quote its own chunk', () => {
    const blocks = [
      'One\ntwo.',
      '- a\n- b',
      '| a | b |\n|---|---|\n| 1 | 2 |',
      '```js\nlet x\n\nlet y\n```',
      '> said\n> so',
    ];
    expect(texts(blocks.join('\n\n'))).toEqual(blocks);
    expect(texts(blocks.slice(1).join('\n'))).toEqual(blocks.slice(1));
  });

  it('keeps a loose list together, with its nested items and the code inside them', () => {
    const list = '1. one\n\n   ```sh\n   - not an item\n\n   run\n   ```\n\n2. two\n   - nested\n\n   more\n\n3. three';
    expect(texts(`${list}\n\nAfter.`)).toEqual([list, 'After.']);
  });

  it('starts another list where the marker changes', () => {
    expect(texts('- a\n- b\n\n1. c\n2. d')).toEqual(['- a\n- b', '1. c\n2. d']);
  });

  it('takes a code fence whole: tildes, longer fences, indented, never closed', () => {
    expect(texts('~~~\n# no heading\n```\n~~~\nafter')).toEqual(['~~~\n# no heading\n```\n~~~', 'after']);
    expect(texts('````\n```\n````\nafter')).toEqual(['````\n```\n````', 'after']);
    expect(texts('      ```\n      # x\n      ```\n\nafter')).toEqual(['      ```\n      # x\n      ```', 'after']);
    expect(texts('text\n```\n# open\n\n## end')).toEqual(['text', '```\n# open\n\n## end']);
  });

  it('takes front matter as one chunk and reads no heading in it', () => {
    const text = '---\ntitle: A\n# comment\n---\n# B\n\nbody';
    expect(texts(text)).toEqual(['---\ntitle: A\n# comment\n---', 'body']);
    expect(paths(text)).toEqual(['', 'B']);
  });

  it('puts the opening line of a container with the block that follows, and drops the closing one', () => {
    expect(texts('::: tip Note\nBe careful.\n:::\n\n::: details More\n\n```js\nx\n```\n\n:::\n\nEnd.')).toEqual([
      '::: tip Note\nBe careful.',
      '::: details More\n\n```js\nx\n```',
      'End.',
    ]);
  });

  it('leaves out closing tags, anchors and rules, and keeps what holds words: comments, link targets, other HTML', () => {
    const text =
      '<!-- old\n\nheading -->\n\n<a id="x"></a>\n\n<Listing number="1-1" caption="A loop">\n\nText [a].\n\n</Listing>\n\n***\n\n[a]: ./b.md\n[c]: d "e"';
    expect(texts(text)).toEqual([
      '<!-- old\n\nheading -->',
      '<Listing number="1-1" caption="A loop">',
      'Text [a].',
      '[a]: ./b.md\n[c]: d "e"',
    ]);
    expect(texts('[^1]: A footnote.')).toEqual(['[^1]: A footnote.']);
    expect(texts('<script>\nlet a\n\nlet b\n</script>\nText.')).toEqual([
      '<script>\nlet a\n\nlet b\n</script>',
      'Text.',
    ]);
  });

  it('gives a text of nothing but left-out markup one chunk, and white space none', () => {
    expect(texts('</div>\n\n---\n')).toEqual(['</div>\n\n---']);
    expect(texts('#\n')).toEqual(['#']);
    for (const text of ['', '  \r\n\t\n', '\ufeff\n\u00a0']) {
      expect(texts(text)).toEqual([]);
      expect(chunk(text, { format: 'text', title: 'T' })).toEqual([]);
    }
  });
});

describe('headings', () => {
  it('names the headings above each chunk and leaves their lines to the gaps', () => {
    const text = '# A\n\na\n\n## B ##\nb\n\n#### C\nc\n\n## D\n\nd';
    expect(texts(text)).toEqual(['a', 'b', 'c', 'd']);
    expect(paths(text)).toEqual(['A', 'A > B', 'A > B > C', 'A > D']);
  });

  it('makes a heading without a body a chunk under its own path', () => {
    const text = '# A\n## B\n### C\nc\n## D\n\n***\n# E';
    expect(texts(text)).toEqual(['# A', '## B', 'c', '## D', '# E']);
    expect(paths(text)).toEqual(['A', 'A > B', 'A > B > C', 'A > D', 'E']);
  });

  it('reads underlined headings, but a long paragraph over a line of dashes is a paragraph', () => {
    const text = 'A title\n===\n\na\n\nB\n---\nb';
    expect(texts(text)).toEqual(['a', 'b']);
    expect(paths(text)).toEqual(['A title', 'A title > B']);
    const long = 'Many words here. '.repeat(30).trim();
    expect(texts(`${long}\n---\nb`)).toEqual([long, 'b']);
  });

  it('reads no heading from hashtags, escaped or too many number signs', () => {
    for (const text of ['#tag', '\\# a', '####### a', '    # a']) expect(paths(text)).toEqual(['']);
  });

  it('writes headings into paths without their markup', () => {
    const shown = (heading: string): string => paths(`## ${heading}\n\nx`)[0] ?? '';
    expect(shown('`Vec<T>` and *why* __it__ matters {#vec}')).toBe('Vec<T> and why it matters');
    expect(shown('[The `use` keyword](./use_(x).md) ![logo](a.png) <Badge text="new" />')).toBe('The use keyword logo');
    expect(shown('snake_case_name \\*not\\* `a_*b*_c` &amp; 2 * 3')).toBe('snake_case_name *not* a_*b*_c & 2 * 3');
    expect(shown('[![alt](x.png)](y) [ref][r] ~~old~~  **new**')).toBe('alt ref old new');
  });

  it('puts the title in front of every path and does not repeat it as a first heading', () => {
    const text = 'intro\n\n# Guide\n\na\n\n## B\n\nb';
    expect(paths(text, 'Guide')).toEqual(['Guide', 'Guide', 'Guide > B']);
    expect(paths(text, 'Book')).toEqual(['Book', 'Book > Guide', 'Book > Guide > B']);
    expect(paths(text, '  ')).toEqual(['', 'Guide', 'Guide > B']);
  });
});

describe('offsets', () => {
  it('are exact with a byte order mark, CRLF, lone CR, tabs and trailing blanks', () => {
    const text = '\ufeff# A\r\n\r\none  \r\ntwo\t\r\n\r\r- x\r\t- y\r\r```\r\n\tcode\r\n```\r\n';
    expect(texts(text)).toEqual(['one  \r\ntwo', '- x\r\t- y', '```\r\n\tcode\r\n```']);
    expect(paths(text)).toEqual(['A', 'A', 'A']);
  });

  it('do not depend on what stands elsewhere in the document', () => {
    const part = '## B\n\nSame text.\n\n- a\n- b';
    expect(texts(`# A\n\nfirst\n\n${part}`).slice(1)).toEqual(
      texts(`# A\n\nanother, longer one\n\nmore\n\n${part}`).slice(2),
    );
  });
});

describe('plain text', () => {
  it('falls into paragraphs under the title, whatever looks like markup', () => {
    const text = '# one\n===\n\n\n- two\n  three\n \n```\n\nfour';
    const chunks = chunk(text, { format: 'text', title: 'T' });
    expect(chunks.map(({ start, end }) => text.slice(start, end))).toEqual([
      '# one\n===',
      '- two\n  three',
      '```',
      'four',
    ]);
    expect(chunks.every(({ path }) => path.length === 1 && path[0] === 'T')).toBe(true);
    expect(chunk('a', { format: 'text' })).toEqual([{ path: [], start: 0, end: 1 }]);
  });
});
