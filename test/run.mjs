// `npm test`: sets up, builds, runs every part one after another and ends with `N passed, N failed, N skipped`.
//
// Parts are the checks of both languages, their unit tests, and one part per folder of test/ that holds `*.test.ts`.
// `--only NAME` (repeatable, or a comma list) runs just those.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { build } from '../.ci/build.mjs';
import { setup } from '../.ci/setup.mjs';
import { conduct, root, run, Stop, tools } from '../.ci/shell.mjs';

const reports = join(tools, 'report');
const bin = (path) => [process.execPath, join(root, 'node_modules', path)];
const biome = bin('@biomejs/biome/bin/biome');

const parts = [
  { name: 'build', run: buildPart },
  { name: 'rust-format', run: () => cargoTool('fmt', ['--all', '--check']) },
  { name: 'rust-lint', run: () => cargoTool('clippy', ['--workspace', '--all-targets', '--', '-D', 'warnings']) },
  { name: 'rust', run: rustTests },
  { name: 'format', run: () => check([...biome, 'format']) },
  { name: 'lint', run: () => check([...biome, 'lint', '--error-on-warnings']) },
  { name: 'types', built: true, run: () => check([...bin('typescript/bin/tsc'), '--noEmit']) },
  { name: 'unit', built: true, run: () => vitest('unit', 'vite.config.ts', []) },
  ...folders().map((name) => ({
    name,
    built: true,
    run: () => vitest(name, 'test/vitest.config.ts', [`test/${name}/`]),
  })),
];

await conduct(async () => {
  const only = wanted(process.argv.slice(2));
  await setup();
  const rows = [];
  for (const part of parts) {
    const needed = only.length === 0 || only.includes(part.name);
    const helps = part.name === 'build' && parts.some((other) => other.built && only.includes(other.name));
    if (needed || helps) rows.push(await timed(part, rows[0]));
  }
  return summary(rows);
});

function wanted(args) {
  const only = args.flatMap((arg, at) => (args[at - 1] === '--only' ? arg.split(',') : []));
  const names = parts.map((part) => part.name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown) throw new Stop(`Name one of these parts after --only: ${names.join(', ')} ("${unknown}" is none).`);
  return only;
}

async function timed(part, first) {
  console.log(`\n--- ${part.name}`);
  const started = performance.now();
  const broken = part.built && first?.name === 'build' && first.failed > 0;
  const counts = broken ? skipped('the build failed') : await part.run();
  return { name: part.name, ...counts, seconds: (performance.now() - started) / 1000 };
}

function skipped(reason) {
  console.log(`skipped: ${reason}`);
  return { passed: 0, failed: 0, skipped: 1 };
}

function one(good) {
  return { passed: good ? 1 : 0, failed: good ? 0 : 1, skipped: 0 };
}

async function buildPart() {
  try {
    await build({ demo: existsSync(join(root, 'demo/index.html')) });
    return one(true);
  } catch (error) {
    if (!(error instanceof Stop)) throw error;
    console.error(error.message);
    return one(false);
  }
}

/** A program whose exit code is the result: one check. */
async function check([command, ...args], options) {
  const { code } = await run(command, args, { show: true, ...options });
  return one(code === 0);
}

async function cargoTool(tool, args) {
  const has = await run('cargo', [tool, '--version']);
  if (has.code !== 0)
    return skipped(`this Rust has no cargo ${tool} (rustup component add ${tool === 'fmt' ? 'rustfmt' : tool})`);
  return check(['cargo', tool, ...args], { cwd: join(root, 'wasm') });
}

async function rustTests() {
  const args = ['test', '--workspace', '--no-fail-fast'];
  const { code, output } = await run('cargo', args, { cwd: join(root, 'wasm'), show: true });
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const [, passed, failed, ignored] of output.matchAll(
    /^test result: .*? (\d+) passed; (\d+) failed; (\d+) ignored/gm,
  )) {
    counts.passed += Number(passed);
    counts.failed += Number(failed);
    counts.skipped += Number(ignored);
  }
  // Code that does not compile has no result line.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

async function vitest(name, config, filters) {
  const file = join(reports, `${name}.json`);
  mkdirSync(reports, { recursive: true });
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  const args = [...bin('vitest/vitest.mjs'), 'run', '--config', config, '--passWithNoTests', ...reporters, ...filters];
  const { code } = await run(args[0], args.slice(1), { show: true });
  const counts = existsSync(file) ? countsOf(JSON.parse(readFileSync(file, 'utf8'))) : one(true);
  // A crash, an unhandled rejection: red, though no single test is.
  if (code !== 0 && counts.failed === 0) counts.failed = 1;
  return counts;
}

function countsOf(report) {
  // A file that does not load fails without having a test.
  const unloaded = report.testResults.filter((file) => file.status === 'failed' && file.assertionResults.length === 0);
  return {
    passed: report.numPassedTests,
    failed: report.numFailedTests + unloaded.length,
    skipped: report.numPendingTests + report.numTodoTests,
  };
}

function folders() {
  const hasTests = (name) =>
    readdirSync(join(root, 'test', name), { recursive: true }).some((file) =>
      /^(?!.*node_modules).*\.test\.ts$/.test(file),
    );
  const all = readdirSync(join(root, 'test'), { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return all
    .map((entry) => entry.name)
    .filter(hasTests)
    .sort();
}

function summary(rows) {
  const columns = ['passed', 'failed', 'skipped'];
  const line = (name, cells) => name.padEnd(14) + cells.map((cell) => String(cell).padStart(9)).join('');
  console.log(`\n${line('part', [...columns, 'seconds'])}`);
  for (const row of rows) console.log(line(row.name, [...columns.map((key) => row[key]), row.seconds.toFixed(1)]));
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  console.log(`\n${columns.map((key) => `${sum(key)} ${key}`).join(', ')}`);
  return sum('failed') > 0 ? 1 : 0;
}
