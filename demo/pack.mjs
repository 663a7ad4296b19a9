// Packs the project's own documentation, with its git history, into the sample corpus of the demo page.
//
// The build calls this. It writes .tools/demo/sample.jsonl.gz, which git ignores, so that a build changes no tracked file.
// Without git (or in a copy without commits, or with only the last ones) the committed demo/sample.jsonl.gz is used as it is, and without that one the
// files as they lie here. `--save` renews the committed file.
// Format: one commit a line, oldest first: {"seq","time","sha","message","changes":[{"path","op","text","from"?}]}.
import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';

const root = fileURLToPath(new URL('..', import.meta.url));
const target = join(root, '.tools/demo/sample.jsonl.gz');
const saved = join(root, 'demo/sample.jsonl.gz');
const packedBytesMax = 290_000;
const commitsMax = 60;
const textBytesMax = 262_144;
const ops = { A: 'add', M: 'modify', T: 'modify', D: 'delete', R: 'rename', C: 'add' };

main(process.argv.includes('--save'));

function main(save) {
  mkdirSync(dirname(target), { recursive: true });
  const shallow = git('rev-parse', '--is-shallow-repository')?.trim() === 'true' && existsSync(saved);
  const history = shallow ? [] : fromGit();
  if (history.length === 0 && existsSync(saved) && !save) {
    copyFileSync(saved, target);
    return console.log(`sample    the committed ${relative(root, saved)}: there is no full git history here`);
  }
  const { bytes, commits } = fitted(history.length > 0 ? history : fromFiles());
  writeFileSync(target, bytes);
  if (save) writeFileSync(saved, bytes);
  console.log(`sample    ${commits} commits of the documentation in ${Math.ceil(bytes.length / 1024)} KB`);
}

/** Every commit of the first-parent history that touches a Markdown file, oldest first; none where git has nothing to say. */
function fromGit() {
  const text = git('log', '--first-parent', '--reverse', '--format=%H%x09%cI%x09%s', '--', '*.md');
  const lines = (text ?? '').split('\n').filter(Boolean);
  return lines.map((line) => {
    const [sha, time, ...subject] = line.split('\t');
    return { time: new Date(time).toISOString(), sha, message: subject.join(' '), changes: changesOf(sha) };
  });
}

/** What a commit did to the Markdown files, against its first parent. */
function changesOf(sha) {
  const parent = git('rev-parse', '--verify', '--quiet', `${sha}^1`)?.trim();
  const range = parent ? [parent, sha] : ['--root', sha];
  const fields = git('diff-tree', '-r', '-M', '-z', '--no-commit-id', '--name-status', ...range, '--', '*.md').split(
    '\0',
  );
  const changes = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const kind = fields[at++][0];
    const from = kind === 'R' || kind === 'C' ? fields[at++] : undefined;
    const path = fields[at++];
    const text = kind === 'D' ? null : git('cat-file', 'blob', `${sha}:${path}`);
    if (text !== null && !usable(text)) continue;
    changes.push({ path, op: ops[kind], text, ...(kind === 'R' && { from }) });
  }
  return changes;
}

/** The documentation as it lies here, as one commit. */
function fromFiles() {
  const skipped = new Set(['node_modules', 'dist', 'target', 'pkg']);
  const walk = (folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = join(folder, entry.name);
      if (entry.name.startsWith('.') || skipped.has(entry.name)) return [];
      return entry.isDirectory() ? walk(path) : entry.name.endsWith('.md') ? [path] : [];
    });
  const changes = walk(root)
    .map((file) => ({ path: relative(root, file).split(sep).join('/'), op: 'add', text: readFileSync(file, 'utf8') }))
    .filter((change) => usable(change.text))
    .sort((a, b) => (a.path < b.path ? -1 : 1));
  return [{ time: null, sha: 'files', message: 'The documentation as it is', changes }];
}

function usable(text) {
  return Buffer.byteLength(text) <= textBytesMax && !text.includes('\0');
}

/** The newest commits that fit into the size, with everything older folded into one commit before them. */
function fitted(history) {
  for (let kept = Math.min(history.length, commitsMax); ; kept = Math.floor(kept / 2)) {
    const bytes = pack(folded(history, kept));
    if (bytes.length <= packedBytesMax || kept <= 1) return { bytes, commits: Math.max(kept, 1) };
  }
}

function folded(history, kept) {
  if (kept >= history.length) return history;
  const older = history.slice(0, history.length - kept + 1);
  const files = new Map();
  for (const { path, op, text, from } of older.flatMap((commit) => commit.changes)) {
    if (op === 'rename') files.delete(from);
    if (op === 'delete') files.delete(path);
    else files.set(path, text);
  }
  const changes = [...files].map(([path, text]) => ({ path, op: 'add', text }));
  return [{ ...older.at(-1), changes }, ...history.slice(older.length)];
}

function pack(history) {
  const lines = history
    .filter((commit) => commit.changes.length > 0)
    .map((commit, seq) => JSON.stringify({ seq, ...commit }));
  return gzipSync(`${lines.join('\n')}\n`, { level: 9 });
}

function git(...args) {
  try {
    const options = { cwd: root, encoding: 'utf8', maxBuffer: 1 << 28, stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['-c', 'core.quotePath=false', ...args], options);
  } catch {
    return undefined;
  }
}
