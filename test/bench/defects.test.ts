// What the bench says of an engine by its hits, and the page that it draws.
import { expect, it } from 'vitest';
import { defectsOf } from './vector/curves.mjs';
import { page } from './vector/page.mjs';

/** 400 rows of four dimensions and of any length, and queries among them. */
const dims = 4;
const rows = Float32Array.from({ length: 400 * dims }, (_, i) => Math.sin(i * i) * (1 + (i >> 2) / 40));
const set = { name: 'made', dims, metric: 'l2', rows, queries: rows.subarray(0, 60 * dims), count: 400, asked: 60 };
const queries = Array.from({ length: 60 }, (_, i) => rows.subarray(i * dims, (i + 1) * dims));

/** The ten best by a nearness. */
const best = (near: (row: Float32Array, query: Float32Array) => number): number[][] =>
  queries.map((query) => {
    const scores = Array.from({ length: 400 }, (_, i) => near(rows.subarray(i * dims, (i + 1) * dims), query));
    return [...scores.keys()].sort((a, b) => (scores[b] ?? 0) - (scores[a] ?? 0)).slice(0, 10);
  });
const dot = (a: Float32Array, b: Float32Array): number => a.reduce((sum, value, i) => sum + value * (b[i] ?? 0), 0);
const right = best((a, b) => -Math.hypot(...a.map((value, i) => value - (b[i] ?? 0))));
const half = right.map((hits) => [...hits.slice(0, 5), 399, 398, 397, 396, 395]);
const point = (ef: number, recall: number) => ({ ef, recall, us: 10 });

it.each([
  ['nothing', [point(10, 0.9), point(448, 1)], [half, right], []],
  ['a plateau', [point(10, 0.5), point(40, 0.949), point(448, 0.95)], [half, right, right], [/0\.95 .* since ef 40/]],
  ['an ef without effect', [point(10, 0.9), point(448, 0.9)], [right, right], [/no effect/]],
  [
    'another metric',
    [point(10, 0.2), point(448, 0.3)],
    [half, best((a, b) => dot(a, b) / Math.hypot(...a))],
    [/plateau/, /cosine, not of l2/],
  ],
  [
    'hits that lack or repeat',
    [point(10, 1), point(448, 1)],
    [right, right.map(([a = 0, ...rest], i) => (i < 2 ? rest : i < 5 ? [a, a, ...rest.slice(1)] : [a, ...rest]))],
    [/fewer than 10 hits for 2 of 60/, /twice for 3 of 60/],
  ],
] as const)('%s', (_what, points, answers, expected) => {
  const found = defectsOf(set, 0, { points, answers });
  expect(found.length).toBe(expected.length);
  for (const [i, pattern] of expected.entries()) expect(found[i]).toMatch(pattern);
});

it('the page has a curve for each engine, names what is wrong, and loads nothing', () => {
  const curves = { aetherv: [point(10, 0.9), point(20, 0.99)], '<peer>': [point(10, 0.8)], hopeless: [point(10, 0.1)] };
  const config = { curves, defects: { aetherv: [], '<peer>': ['ef & nothing'] } };
  const rows = [
    { row: 'qps-r95', data: 'made', value: 2.5, unit: 'x', state: 'ok', config },
    { row: 'build-10k', state: 'skipped', reason: 'none' },
  ];
  const machine = { cpu: 'x', cores: 2, browser: 'b', node: '20' };
  const html = page({ machine, load: { before: [1], after: [2] }, commit: null, command: 'node x', rows });
  expect(html.match(/<polyline/g)?.length).toBe(3);
  expect(html.match(/<circle/g)?.length).toBe(3);
  expect(html).toContain('ef 20: recall 0.99, 100,000 a second');
  expect(html).toContain('&#60;peer&#62; on made: ef &#38; nothing');
  expect(html).toContain('skipped: none');
  expect(html).not.toMatch(/<peer>|https?:|<script|<link|src=|url\(/);
  const svg = html.slice(html.indexOf('<svg'), html.indexOf('</svg>'));
  expect(svg).not.toMatch(/NaN|Infinity|undefined/);
});
