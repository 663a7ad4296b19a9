// Who imports whom: the table of rooms (house 3.4), read off every import in the project.

import { existsSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFile } from '../kit/engine.ts';
import { codeOf, filesOf, importedAtOnce, importsOf } from '../kit/project.ts';

const MIND = ['base', 'model', 'ports'];
const HAND = ['base', 'model', 'ports', 'protocol'];
/** What each room may import besides itself. */
const ROOMS: Readonly<Record<string, readonly string[]>> = {
  base: [],
  model: ['base'],
  ports: ['base', 'model'],
  protocol: ['base', 'model'],
  version: MIND,
  change: [...MIND, 'version'],
  retrieve: [...MIND, 'version'],
  upkeep: [...MIND, 'version'],
  storage: HAND,
  index: HAND,
  embed: HAND,
  gpu: HAND,
  engine: [...HAND, 'version', 'change', 'retrieve', 'upkeep', 'storage', 'index', 'embed', 'gpu'],
  api: ['base', 'model', 'ports', 'protocol'],
};
const DOORS: Readonly<Record<string, readonly string[]>> = {
  'src/index.ts': ['api', 'base', 'model', 'ports'],
  'src/global.ts': ['api'],
  'src/transformers.ts': ['embed'],
};
const PURE = ['base', 'model', 'ports', 'version', 'change', 'retrieve', 'upkeep'];
/** Names of the world outside, which rooms of the mind do not know. */
const OUTSIDE =
  /\b(indexedDB|navigator|Worker|fetch|Date\.now|Math\.random|crypto|performance|localStorage|setTimeout|setInterval|BroadcastChannel|caches|document|window)\b(?!\s*[:(]\s*\w+\s*[):,]|['\w])/;

const sources = filesOf(['src'], ['.ts']).filter(({ path }) => !path.endsWith('.test.ts'));
const roomOf = (path: string): string => /^src\/([^/]+)\//.exec(path)?.[1] ?? '';

/** Imports within the project, as paths from its root. */
const inside = (path: string, text: string): string[] =>
  importsOf(text)
    .filter((from) => from.startsWith('.'))
    .map((from) => posix.normalize(posix.join(dirname(path), from.replace(/\?.*$/, ''))));

describe('rooms of src', () => {
  it('are all in the table, and the table is in the map', () => {
    const rooms = new Set(sources.map(({ path }) => roomOf(path)).filter((room) => room !== ''));
    expect([...rooms].filter((room) => !(room in ROOMS))).toEqual([]);
    expect(sources.filter(({ path }) => roomOf(path) === '' && !(path in DOORS)).map(({ path }) => path)).toEqual([]);
    const [map] = filesOf(['src'], ['ARCHITECTURE.md']);
    if (map) for (const room of rooms) expect(map.text, 'src/ARCHITECTURE.md').toContain(`\`src/${room}\``);
  });

  it('import only what the table allows, with the ending of the file', () => {
    const wrong: string[] = [];
    for (const { path, text } of sources) {
      const room = roomOf(path);
      const allowed = room === '' ? (DOORS[path] ?? []) : [...(ROOMS[room] ?? []), room];
      for (const target of inside(path, text)) {
        const isGuest = target.startsWith('wasm/pkg/') && room === 'index';
        // The page starts every worker; the one-file build holds its code.
        const isWorker = target.startsWith('workers/') && /\/spawn(\.global)?\.ts$/.test(path);
        if (!isGuest && !isWorker && !allowed.includes(roomOf(target))) wrong.push(`${path} imports ${target}`);
        if (!target.startsWith('wasm/pkg/') && !existsSync(projectFile(target)))
          wrong.push(`${path} imports ${target}, which is not there`);
      }
    }
    expect(wrong).toEqual([]);
  });

  it('have no barrels: only the doors hand on what others export', () => {
    const barrels = sources.filter(
      ({ path, text }) => !(path in DOORS) && /(^|\n)export\s[^;=(]*?\sfrom\s+['"]/.test(codeOf(text)),
    );
    expect(barrels.map(({ path }) => path)).toEqual([]);
  });

  it('of the mind know nothing of the world outside', () => {
    const wrong = sources
      .filter(({ path }) => PURE.includes(roomOf(path)))
      .flatMap(({ path, text }) => {
        const found = OUTSIDE.exec(codeOf(text));
        return found ? [`${path} names ${found[1]}`] : [];
      });
    expect(wrong).toEqual([]);
  });

  it('use no package but comlink, idb and, lazily, transformers.js', () => {
    const bare = (text: string): string[] => importsOf(text).filter((from) => !from.startsWith('.'));
    const used = new Set(sources.flatMap(({ path, text }) => bare(text).map((name) => `${roomOf(path)} ${name}`)));
    const allowed = ['protocol comlink', 'api comlink', 'storage idb', 'embed @huggingface/transformers'];
    expect([...used].filter((use) => !allowed.includes(use))).toEqual([]);
  });
});

describe('what stands around', () => {
  it('the two commands start on a fresh machine: what they import at once is Node and the project', () => {
    const modules = filesOf(['.ci', 'demo', 'src', 'test', 'wasm'], ['.mjs']);
    const textOf = new Map(modules.map(({ path, text }) => [path, text]));
    const reached = new Set(['demo/start.mjs', 'test/run.mjs']);
    const wrong: string[] = [];
    for (const path of reached)
      for (const from of importedAtOnce(textOf.get(path) ?? '')) {
        if (from.startsWith('.')) reached.add(posix.normalize(posix.join(dirname(path), from)));
        else if (!from.startsWith('node:')) wrong.push(`${path} imports ${from}`);
      }
    expect(wrong).toEqual([]);
    expect([...reached].filter((path) => !textOf.has(path))).toEqual([]);
  });

  it('the workers import the engine or the hand they host', () => {
    for (const { path, text } of filesOf(['workers'], ['.ts']))
      for (const target of inside(path, text))
        expect(['engine', 'embed', 'index', 'protocol'], `${path} imports ${target}`).toContain(roomOf(target));
  });

  it('the demo and the browser tests come in through the public doors', () => {
    const wrong = filesOf(['demo', 'test/browser'], ['.ts', '.js', '.mjs']).flatMap(({ path, text }) =>
      inside(path, text)
        .filter((target) => /^(src|wasm|workers)\//.test(target) && !(target in DOORS))
        .map((target) => `${path} imports ${target}`),
    );
    expect(wrong).toEqual([]);
  });
});

describe('Rust crates', () => {
  const CRATES: Readonly<Record<string, readonly string[]>> = {
    core: [],
    ann: ['core'],
    stems: [],
    text: ['core'],
    filter: ['core'],
    envelope: ['core'],
    embed: ['core', 'ann', 'text'],
    segment: ['core', 'ann', 'text', 'envelope'],
    lsm: ['core', 'ann', 'text', 'segment'],
    collection: ['core', 'ann', 'envelope', 'filter'],
    binding: ['core', 'text', 'embed', 'segment', 'lsm'],
    vectors: ['core', 'ann', 'collection'],
    twins: [],
  };
  const manifests = filesOf(['wasm/crates'], ['Cargo.toml']).map(({ path, text }) => ({
    crate: path.split('/')[2] ?? '',
    dependencies: /\n\[dependencies\]\n([\s\S]*?)(?=\n\[|$)/.exec(text)?.[1] ?? '',
  }));

  it('depend on each other as the map says', () => {
    expect(manifests.map(({ crate }) => crate).sort()).toEqual(Object.keys(CRATES).sort());
    for (const { crate, dependencies } of manifests) {
      const own = [...dependencies.matchAll(/^aetherv-(\w+)/gm)].map(([, name]) => name ?? '');
      expect(
        own.filter((name) => !CRATES[crate]?.includes(name)),
        crate,
      ).toEqual([]);
    }
  });

  it('know the browser at the boundary only', () => {
    for (const { crate, dependencies } of manifests) {
      expect(dependencies, crate).not.toMatch(/web-sys|js-sys/);
      if (!['binding', 'vectors', 'twins'].includes(crate)) expect(dependencies, crate).not.toContain('wasm-bindgen');
    }
    expect(existsSync(join(projectFile('wasm'), 'Cargo.lock'))).toBe(true);
  });
});
