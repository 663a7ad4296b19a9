// Runs a suite task by task, shows each row as it comes, writes the file and decides the exit code.
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Stop } from '../../../.ci/shell.mjs';
import { facts, load, printTable, showRow } from './report.mjs';

/** Thrown by a task that cannot run here: its rows are 'skipped' with this reason. */
export class Skip extends Error {}

/**
 * A task is `{ rows: [names], run(context), about? }`; `run` resolves to an array of rows `{ row, value, unit, n, data, ... }`; `about`
 * is part of each of them. A row of the task's that is missing from the answer counts as failed. Only tasks with a row asked for run; only rows asked for are kept.
 */
export async function runSuite(args, tasks, context, draw) {
  const known = tasks.flatMap((task) => task.rows);
  const unknown = args.rows.find((row) => !known.includes(row));
  if (unknown !== undefined) throw new Stop(`Name rows of this suite: ${known.join(', ')} ("${unknown}" is none).`);
  const wanted = new Set(args.rows.length > 0 ? args.rows : known);
  const before = load();
  const rows = [];
  for (const task of tasks.filter((each) => each.rows.some((row) => wanted.has(row)))) {
    for (const row of await runTask(task, context)) {
      if (!wanted.has(row.row)) continue;
      const whole = { suite: args.suite, ...task.about, ...row };
      showRow(whole);
      rows.push(whole);
    }
  }
  const report = { ...(await facts()), load: { before, after: load() }, rows };
  if (args.out) save(args.out, `${JSON.stringify(report, null, 1)}\n`);
  const drawn = draw && (args.report ?? args.out?.replace(/(\.json)?$/, '.html'));
  if (drawn) save(drawn, draw(report));
  return summarise(report, [args.out, drawn].filter(Boolean));
}

function runTask(task, context) {
  console.log(`\n--- ${task.rows.join(', ')}`);
  return attempt(task, context);
}

async function attempt(task, context) {
  try {
    const rows = await task.run(context);
    const missing = task.rows.filter((name) => !rows.some((row) => row.row === name));
    return [...rows.map(checked), ...missing.map((row) => failed(row, 'not measured'))];
  } catch (error) {
    const skip = error instanceof Skip;
    if (!skip) console.error(error);
    return task.rows.map((row) => ({ ...failed(row, firstLine(error)), state: skip ? 'skipped' : 'failed' }));
  }
}

/** The rest of a browser's message is a log; it is on the console. */
const firstLine = (error) => error.message.split('\n', 1)[0];

/** A row is 'ok' only with a number. One that says itself why it has none (another data set of its task went well) stays so. */
function checked(row) {
  if (row.state === 'skipped' || row.state === 'failed') return row;
  return Number.isFinite(row.value)
    ? { ...row, state: 'ok' }
    : { ...row, ...failed(row.row, `the value is ${row.value}`) };
}

/**
 * A task that measures each data set for itself: `measure(context, set)` resolves to rows, and what it throws concerns that set alone.
 * A set is `{ name, ... }`, its name is the row's `data`.
 */
export function perSet(rows, sets, measure) {
  const run = async (context) => {
    const out = [];
    for (const set of sets) {
      const task = { rows, run: (given) => measure(given, set) };
      out.push(...(await attempt(task, context)).map((row) => ({ data: set.name, ...row })));
    }
    return out;
  };
  return { rows, run };
}

function failed(row, reason) {
  return { row, state: 'failed', reason };
}

function save(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Prints the table and the counts. Exit code 0 only if everything ran or was skipped with a reason. */
function summarise(report, files) {
  printTable(report);
  const count = (state) => report.rows.filter((row) => row.state === state).length;
  const written = files.length > 0 ? `, written to ${files.join(' and ')}` : '';
  console.log(`\n${count('ok')} rows, ${count('failed')} failed, ${count('skipped')} skipped${written}`);
  return count('failed') > 0 ? 1 : 0;
}
