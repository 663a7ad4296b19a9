// Kills a browser as a crash would: SIGKILL to the process of one profile, alone or with everything it started.
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** The browser process on `profile` and, parents first, all its descendants. */
export function processTree(profile) {
  const table = execFileSync('ps', ['-axww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8', maxBuffer: 1 << 26 });
  const all = [...table.matchAll(/^\s*(\d+)\s+(\d+)\s+(.*)$/gm)].map(([, pid, parent, command]) => ({
    pid: Number(pid),
    parent: Number(parent),
    command,
  }));
  const ours = ({ command }) => `${command} `.includes(`--user-data-dir=${profile} `) && !command.includes(' --type=');
  const tree = all.filter(ours).map(({ pid }) => pid);
  if (tree.length === 0) throw new Error('no browser runs on this profile');
  for (const root of tree) tree.push(...all.filter(({ parent }) => parent === root).map(({ pid }) => pid));
  return [...new Set(tree)];
}

/** Milliseconds of CPU that the processes of a kind on `profile` have spent so far, all their threads together; Linux counts in hundredths of a second. */
export function cpuMsOf(profile, kind) {
  let ticks = 0;
  for (const pid of processTree(profile)) {
    const read = (file) => readFileSync(`/proc/${pid}/${file}`, 'utf8');
    if (!read('cmdline').includes(`--type=${kind}`)) continue;
    // Behind the name, which may hold anything: user and system time are the 12th and 13th.
    const fields = read('stat').split(') ').at(-1).split(' ');
    ticks += Number(fields[11]) + Number(fields[12]);
  }
  return ticks * 10;
}

/** Sends SIGKILL to the `whole` tree, or to the browser process alone, and waits until every process is gone. */
export async function killBrowser(profile, whole) {
  const tree = processTree(profile);
  for (const pid of whole ? tree : tree.slice(0, 1)) signal(pid, 'SIGKILL');
  // What a killed browser leaves behind ends by itself, or is ended here.
  for (let tries = 0; tree.some((pid) => signal(pid, 0)); tries++) {
    if (tries === 20) for (const pid of tree) signal(pid, 'SIGKILL');
    if (tries === 200) throw new Error('processes of the killed browser do not end');
    await new Promise((done) => setTimeout(done, 50));
  }
  for (const name of readdirSync(profile))
    if (name.startsWith('Singleton')) rmSync(join(profile, name), { force: true });
}

function signal(pid, name) {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}
