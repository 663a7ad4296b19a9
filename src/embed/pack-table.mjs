// Packs the static token table (table.bin, vocab.txt, table.json) into the one asset that the engine reads.
//
// The layout is told at the top of wasm/crates/embed/src/table.rs; this is its only writer.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const VERSION = 1;
const HEAD = 20; // bytes before the floats

/** The packed asset of the table in `folder`; throws when the three files do not fit each other. */
export function packTable(folder) {
  const meta = JSON.parse(readFileSync(join(folder, 'table.json'), 'utf8'));
  const table = readFileSync(join(folder, 'table.bin'));
  const pieces = readFileSync(join(folder, 'vocab.txt'), 'utf8').trimEnd().split('\n');
  const { rows, dim, levels, scale_lut: scales } = meta;
  if (meta.bits !== 2 || levels.length !== 4 || scales.length !== 256)
    throw new Error(`${folder}/table.json is not a 2-bit table`);
  if (table.length !== rows + (rows * dim) / 4)
    throw new Error(`${folder}/table.bin has ${table.length} bytes, which is not ${rows} x ${dim} values`);
  if (pieces.length !== rows) throw new Error(`${folder}/vocab.txt has ${pieces.length} lines, not ${rows}`);

  const vocab = Buffer.from(`${pieces.join('\n')}\n`, 'ascii');
  const floats = [...levels, ...scales];
  const out = Buffer.alloc(HEAD + 4 * floats.length + table.length + vocab.length + 8);
  out.write('AVET', 0, 'ascii');
  let at = 4;
  for (const value of [VERSION, rows, dim, vocab.length]) at = out.writeUInt32LE(value, at);
  for (const value of floats) at = out.writeFloatLE(value, at);
  at += table.copy(out, at);
  at += vocab.copy(out, at);
  const [low, high] = fnv1a64(out.subarray(0, at));
  out.writeUInt32LE(low, at);
  out.writeUInt32LE(high, at + 4);
  return new Uint8Array(out.buffer, out.byteOffset, out.length);
}

/** FNV-1a, 64 bits, as low and high half; the prime is 2^40 + 0x1b3. */
function fnv1a64(bytes) {
  let low = 0x84222325;
  let high = 0xcbf29ce4;
  for (const byte of bytes) {
    low = (low ^ byte) >>> 0;
    // low * 0x1b3 stays below 2^53, so its carry into the high half is exact.
    const product = low * 0x1b3;
    high = (Math.imul(high, 0x1b3) + Math.floor(product / 0x100000000) + (low << 8)) >>> 0;
    low = product >>> 0;
  }
  return [low, high];
}
