// Raw bytes and what they hide without a secret: whitened values and deflated pieces (wasm/FORMAT.md), as whoever reads the disk would.
import { inflateRawSync } from 'node:zlib';

const whitened = Buffer.from('AVWH');
const envelope = Buffer.from('AVDB');
const packed = 6;
const headerBytes = 16;

/** The bytes themselves, then what can be got out of them. */
export function* layersOf(content) {
  yield content;
  for (const value of whitenedIn(content)) {
    yield value;
    yield* inflatedIn(value);
  }
}

/** From every mark to the end: where a value ends is not known, and noise after it does no harm. */
function* whitenedIn(content) {
  for (let at = content.indexOf(whitened); at >= 0; at = content.indexOf(whitened, at + 1)) {
    const words = Math.floor((content.length - at - 8) / 4);
    if (words <= 0) continue;
    const value = Buffer.from(content.subarray(at + 8, at + 8 + 4 * words));
    let x = content.readUInt32LE(at + 4) || 1;
    for (let i = 0; i < words; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      value.writeInt32LE(value.readInt32LE(4 * i) ^ x, 4 * i);
    }
    yield value;
  }
}

/** The body of the only section of a packed piece: a length, then deflated bytes. */
function* inflatedIn(value) {
  if (value.indexOf(envelope) !== 0 || value.readUInt16LE(6) !== packed) return;
  const [start, length] = [value.readUInt32LE(headerBytes + 4), value.readUInt32LE(headerBytes + 8)];
  try {
    yield inflateRawSync(value.subarray(start + 4, start + length));
  } catch {
    // Only the first of several frames of a large piece.
  }
}
