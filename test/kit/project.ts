// The project's own files, for tests about the project.

import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { projectFile } from './engine.ts';

const SKIPPED = /(^|\/)(node_modules|dist|target|pkg|\.tools|\.git|golden|public)$/;

/** A file of the project. */
export interface SourceFile {
  /** Path from the root, with slashes. */
  readonly path: string;
  readonly text: string;
  readonly lines: readonly string[];
}

/** Files below the folders whose names end so, by path. */
export function filesOf(folders: readonly string[], endings: readonly string[]): SourceFile[] {
  const root = projectFile('');
  const below = (folder: string): string[] =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return SKIPPED.test(path) ? [] : below(path);
      return endings.some((ending) => entry.name.endsWith(ending)) ? [path] : [];
    });
  const exists = new Set(readdirSync(root));
  const paths = folders
    .filter((folder) => exists.has(folder.split('/')[0] ?? ''))
    .flatMap((folder) => below(join(root, folder)));
  return paths.sort().map((path) => {
    const text = readFileSync(path, 'utf8');
    return { path: relative(root, path).replaceAll('\\', '/'), text, lines: text.replace(/\n$/, '').split('\n') };
  });
}

/** The modules that a TypeScript text imports or re-exports, as written. */
export function importsOf(text: string): string[] {
  const dynamic = text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]\s*\)/g);
  return [...importedAtOnce(text), ...[...dynamic].map(([, from]) => from ?? '')];
}

/** Those of them that are needed before the text itself runs. */
export function importedAtOnce(text: string): string[] {
  const statements = text.matchAll(/(?:^|\n)\s*(?:import|export)\s(?:[^'";]*?\sfrom\s)?\s*['"]([^'"]+)['"]/g);
  return [...statements].map(([, from]) => from ?? '');
}

/** A TypeScript text without comments and the contents of its strings. */
export function codeOf(text: string): string {
  const strings = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  return text.replace(strings, (found) => (found.startsWith('/') ? ' ' : "''"));
}
