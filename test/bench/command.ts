// Runs a bench or eval command as a user would, and reads the file it writes.
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Row {
  readonly suite: string;
  readonly row: string;
  readonly state: 'ok' | 'skipped' | 'failed';
  readonly value?: number;
  readonly reason?: string;
}

export interface Ran {
  readonly status: number | null;
  readonly output: string;
  readonly rows: readonly Row[];
}

/** `script` is relative to test/; without a result file there are no rows. */
export function command(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): Ran {
  const folder = mkdtempSync(join(tmpdir(), 'aetherv-command-'));
  const out = join(folder, 'out.json');
  const path = fileURLToPath(new URL(`../${script}`, import.meta.url));
  const { status, stdout, stderr } = spawnSync(process.execPath, [path, ...args, '--out', out], {
    encoding: 'utf8',
    env: { ...process.env, ...env },
  });
  try {
    const rows: readonly Row[] = status === 0 ? JSON.parse(readFileSync(out, 'utf8')).rows : [];
    return { status, output: stdout + stderr, rows };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
