// Each file on its own: how long it is, what its first line says, and what must not be in it.

import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { codeOf, filesOf, type SourceFile } from '../kit/project.ts';
import { projectFile } from '../kit/engine.ts';

const typescript = filesOf(['src', 'workers', 'demo', 'test'], ['.ts']);
const scripts = filesOf(['src', 'demo', 'test', 'wasm', '.ci'], ['.mjs', '.js']);
const rust = filesOf(['wasm/crates'], ['.rs']);
const shaders = filesOf(['src'], ['.wgsl']);
const all = [...typescript, ...scripts, ...rust, ...shaders];

/** Long generated tables, by name. */
const isGenerated = ({ path }: SourceFile): boolean => /(_tables\.rs|\.gen\.ts)$/.test(path);
const tooLong = (files: readonly SourceFile[], most: number): string[] =>
  files
    .filter((file) => file.lines.length > most && !isGenerated(file))
    .map(({ path, lines }) => `${path}: ${lines.length} lines`);

describe('a file is short', () => {
  it('TypeScript at most 300 lines', () => expect(tooLong(typescript, 300)).toEqual([]));
  it('Rust at most 400', () => expect(tooLong(rust, 400)).toEqual([]));
  it('a shader at most 120', () => expect(tooLong(shaders, 120)).toEqual([]));
  it('a worker at most 30', () => {
    expect(
      tooLong(
        typescript.filter(({ path }) => path.startsWith('workers/')),
        30,
      ),
    ).toEqual([]);
  });
});

describe('the first line', () => {
  /** The comment at the top up to its first empty line, as one line. */
  function caption({ lines }: SourceFile): string {
    const marked = lines.slice(0, 12).map((line) => /^\/\/!? ?(.*)$/.exec(line)?.[1]);
    const end = marked.findIndex((line) => line === undefined || line === '');
    return marked.slice(0, end < 0 ? marked.length : end).join(' ');
  }

  it('of every source file is a comment that is a sentence', () => {
    const bad = all
      .filter((file) => !/^[\p{L}`"'([0-9].{10,}[.:]/u.test(caption(file)))
      .map(({ path, lines }) => `${path}: ${lines[0]}`);
    expect(bad).toEqual([]);
  });
});

describe('what must not be there', () => {
  const found = (files: readonly SourceFile[], banned: RegExp, text: (file: SourceFile) => string): string[] =>
    files.flatMap((file) => {
      const hit = banned.exec(text(file));
      return hit ? [`${file.path}: ${hit[0].trim()}`] : [];
    });
  const whole = (file: SourceFile): string => file.text;
  const code = (file: SourceFile): string => codeOf(file.text);
  // This file names them, so they are put together here.
  const marks = new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X', 'HA' + 'CK'].join('|')})\\b`);
  const hushed = new RegExp(`@ts-${'ignore'}|@ts-${'nocheck'}|@ts-${'expect-error'}`);
  const machine = new RegExp(`['"\`(\\s](/${'root'}/|/${'home'}/\\w|/${'work'}/\\w|/${'Users'}/\\w|[A-Z]:\\\\\\\\)`);

  it('notes to oneself', () => expect(found(all, marks, whole)).toEqual([]));
  it('errors that are hushed', () => expect(found(typescript, hushed, whole)).toEqual([]));
  it('paths of one machine', () => expect(found(all, machine, whole)).toEqual([]));
  it('the type any', () => {
    const any = new RegExp(String.raw`(:\s*|\bas\s+|<|=>\s*)a${'ny'}\b(?=\s*[)\]},;=|&>]|\[)|\ba${'ny'}\[\]`);
    expect(found(typescript, any, code)).toEqual([]);
  });
  it('printing and debugging in what ships', () => {
    const shipped = [...typescript, ...scripts].filter(
      ({ path }) => /^(src|workers)\//.test(path) && !/\.test\.ts$|pack/.test(path),
    );
    // A warning is for the user; anything else is a leftover.
    const printing = /\bconsole\s*\.(?!warn\()|\bdebugger\b|\balert\(/;
    expect(found(shipped, printing, code)).toEqual([]);
  });
  it('what browsers read slowly as a worker starts: literal classes of letters, and letters that make the script twice as wide', () => {
    const shipped = typescript.filter(({ path }) => /^(src|workers)\//.test(path) && !path.endsWith('.test.ts'));
    expect(found(shipped, /^[^`\n]*[^\\`]\\p\{/m, whole)).toEqual([]);
    const worker = readFileSync(projectFile('dist/workers/engine.worker.js'), 'utf8');
    expect([...worker].filter((letter) => letter > '\u00ff')).toEqual([]);
  });
  it('tests that are alone or put aside', () => {
    expect(found(typescript, /\b(it|test|describe)\.(only|todo)\b/, code)).toEqual([]);
  });
});
