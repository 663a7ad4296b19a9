// What a result file says around its rows (machine, load, commit, command), and the printed table.
import { cpus, loadavg, platform, release, totalmem } from 'node:os';
import { ask } from '../../../.ci/shell.mjs';
import { chromiumPath } from '../../kit/browser.mjs';
import { round } from './stats.mjs';

/** Averages of the runnable processes over 1, 5 and 15 minutes: nothing else should run beside a bench. */
export const load = () => loadavg().map(round);

export async function facts() {
  const browser = chromiumPath();
  const version = browser && (await ask(browser, ['--version']));
  const status = await ask('git', ['status', '--porcelain']);
  return {
    machine: {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGb: Math.round(totalmem() / 2 ** 30),
      os: `${platform()} ${release()}`,
      node: process.versions.node,
      browser: /^\w+ [\d.]+/m.exec(version ?? '')?.[0] ?? 'none',
    },
    commit: (await ask('git', ['rev-parse', '--verify', '--quiet', 'HEAD'])) ?? null,
    dirty: status === undefined ? null : status !== '',
    command: ['node', ...process.argv.slice(1).map((word) => word.replace(`${process.cwd()}/`, ''))].join(' '),
  };
}

const shown = (value) => (Array.isArray(value) ? `${short(value[0])} .. ${short(value[1])}` : short(value));
const short = (value) => (typeof value === 'number' ? String(Number(value.toPrecision(4))) : '');

export function showRow(row) {
  const result = row.state === 'ok' ? `${short(row.value)} ${row.unit}` : `${row.state}: ${row.reason}`;
  console.log(`${row.peer ? `(${row.peer}) ` : ''}${row.row} [${row.data ?? ''}] ${result}`);
}

/** One line a row; a peer's row names the peer. */
export function printTable({ rows, load: { before, after }, machine }) {
  const head = ['row', 'whose', 'data', 'value', 'unit', 'n', 'middle half', 'state'];
  const body = rows.map((row) => [
    row.row,
    row.peer ? `${row.peer} ${row.peerVersion}` : 'aetherv',
    row.data ?? '',
    shown(row.value),
    row.unit ?? '',
    shown(row.n),
    shown(row.spread),
    row.state === 'ok' ? 'ok' : `${row.state}: ${row.reason}`,
  ]);
  const widths = head.map((_, column) => Math.max(...[head, ...body].map((line) => line[column].length)));
  console.log(`\n${machine.cpu}, ${machine.cores} cores, ${machine.browser}, load ${before[0]} -> ${after[0]}`);
  for (const line of [head, ...body])
    console.log(
      line
        .map((cell, i) => cell.padEnd(widths[i]))
        .join('  ')
        .trimEnd(),
    );
}
