// A database that an earlier version stored (test/golden), as a disk of the flow tests.

import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { importKey, isSealed, unseal } from '../../src/storage/seal.ts';
import { unwhiten } from '../../src/storage/whiten.ts';
import { projectFile } from './engine.ts';
import { Disk } from './memory-store.ts';

/** Keys with values in base64, by store. */
interface Dump {
  readonly head: readonly ['A' | 'B', string][];
  readonly manifest: readonly [epoch: number, string][];
  readonly wal: readonly [[epoch: number, n: number], string][];
  readonly seg: readonly [[id: number, frame: number], string][];
  readonly key: readonly [epoch: number, string][];
}

/** The golden file of a format version from 2 on. */
export async function goldenDisk(version: number): Promise<Disk> {
  const file = readFileSync(projectFile(`test/golden/format-${version}.json.gz`));
  const dump: Dump = JSON.parse(gunzipSync(file).toString());
  const plain = (value: string): Uint8Array => unwhiten(Uint8Array.from(Buffer.from(value, 'base64')));
  const disk = new Disk();
  for (const [slot, value] of dump.head) disk.heads.set(slot, plain(value));
  for (const [epoch, value] of dump.manifest) disk.manifests.set(epoch, plain(value));
  for (const [[id, frame], value] of dump.seg)
    disk.segments.set(id, new Map(disk.segments.get(id)).set(frame, plain(value)));
  const keys = new Map<number, CryptoKey>();
  for (const [epoch, value] of dump.key) keys.set(epoch, await importKey(Buffer.from(value, 'base64')));
  for (const [[epoch, n], value] of dump.wal) {
    const stored = plain(value);
    const bytes = isSealed(stored) ? await unseal(stored, keys.get(epoch), `wal ${epoch}/${n}`) : stored;
    disk.wal.push({ epoch, n, bytes });
  }
  return disk;
}
