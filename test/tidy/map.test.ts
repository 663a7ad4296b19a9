// Every path that the map and the README name is there, and the map names every room, crate and spine.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { projectFile } from '../kit/engine.ts';

const PAGES = ['src/ARCHITECTURE.md', 'README.md', 'wasm/FORMAT.md'];
/** Made by builds and installs. */
const BUILT = /^(dist|node_modules|wasm\/pkg|demo\/dist|\.tools)(\/|$)/;

/** Paths between backquotes and targets of links: those that begin with a folder or file of the project. */
function named(page: string): string[] {
  const tops = readdirSync(projectFile(''));
  const text = readFileSync(projectFile(page), 'utf8');
  const quoted = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path]) => path ?? '');
  const linked = [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)/g)].map(([, path]) => path ?? '');
  const isPath = (path: string): boolean => path.includes('/') && tops.includes(path.split('/')[0] ?? '');
  const fromRoot = page.includes('/') ? linked.map((path) => `${page.replace(/\/[^/]*$/, '')}/${path}`) : linked;
  return [...new Set([...quoted.filter(isPath), ...fromRoot])].filter(
    (path) => !BUILT.test(path) && !/[*{<]/.test(path),
  );
}

describe.each(PAGES)('%s', (page) => {
  it('is there', () => {
    expect(existsSync(projectFile(page)), `${page} is missing: the lead writes it`).toBe(true);
  });

  it('names only paths that exist', () => {
    if (!existsSync(projectFile(page))) return;
    expect(named(page).filter((path) => !existsSync(projectFile(path)))).toEqual([]);
  });
});

it('the map names every crate, and the spine of each walk', () => {
  const map = readFileSync(projectFile('src/ARCHITECTURE.md'), 'utf8');
  for (const crate of readdirSync(projectFile('wasm/crates'))) expect(map).toContain(`wasm/crates/${crate}`);
  for (const spine of ['change/write', 'retrieve/search', 'upkeep/flush', 'upkeep/recover', 'version/history'])
    expect(map).toContain(`src/${spine}.ts`);
});

it('every script of package.json runs a file that exists', () => {
  const { scripts } = JSON.parse(readFileSync(projectFile('package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  for (const [name, command] of Object.entries(scripts)) {
    const file = /\bnode (\S+)/.exec(command)?.[1];
    if (file) expect(existsSync(projectFile(file)), `npm run ${name}: ${file}`).toBe(true);
  }
});
