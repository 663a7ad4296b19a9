// Makes large values look like noise, so that the browser cannot store them small.
//
// Browsers keep values from about 64 KiB as files of their own, which go when they are deleted; but some first compress
// a value, and text or padding that then falls below that size lies in the database's log, readable long after its
// deletion. Noise cannot be compressed. This is no encryption: the seed stands beside the bytes.
//
// Whitened value: magic "AVWH" | seed u32 | bytes XOR xorshift32(seed) (Marsaglia, 2003), padded with zeros before.

import { BLOB_BYTES_MIN, TEXT_FRAME_BYTES, VECTOR_FRAME_BYTES } from '../base/limits.ts';

const MAGIC = 0x48575641;
const HEAD_BYTES = 8;

/** A seed. */
export const noise = (): number => crypto.getRandomValues(new Uint32Array(1))[0] ?? 1;

/** The value to store for bytes: at least {@link BLOB_BYTES_MIN} of noise. */
export function whiten(bytes: Uint8Array, seed: number): Uint8Array<ArrayBuffer> {
  const length = Math.max(BLOB_BYTES_MIN, Math.ceil(bytes.length / 4) * 4);
  const out = new Uint8Array(HEAD_BYTES + length);
  out.set(bytes, HEAD_BYTES);
  const head = new DataView(out.buffer);
  head.setUint32(0, MAGIC, true);
  head.setUint32(4, seed, true);
  blend(new Uint32Array(out.buffer, HEAD_BYTES), seed);
  return out;
}

/** Vectors in bulk are noise by themselves, and most of what is read at opening: they are stored as they are. */
export const isNoise = ({ length }: Uint8Array, frameBytes: number): boolean =>
  frameBytes === VECTOR_FRAME_BYTES && length > TEXT_FRAME_BYTES;

/**
 * The bytes of a stored value, with zeros after them; a value that is not whitened is as it is. They are made where the
 * value lies, so it is nobody else's.
 */
export function unwhiten(value: Uint8Array): Uint8Array {
  if (value.length < HEAD_BYTES || value.length % 4 !== 0) return value;
  const head = new DataView(value.buffer, value.byteOffset, HEAD_BYTES);
  if (head.getUint32(0, true) !== MAGIC) return value;
  const out = value.byteOffset % 4 === 0 ? value.subarray(HEAD_BYTES) : value.slice(HEAD_BYTES);
  blend(new Uint32Array(out.buffer, out.byteOffset, out.length / 4), head.getUint32(4, true));
  return out;
}

function blend(words: Uint32Array, seed: number): void {
  let x = seed || 1;
  for (let i = 0; i < words.length; i++) {
    x ^= x << 13;
    x ^= x >>> 17;
    x ^= x << 5;
    words[i] = (words[i] ?? 0) ^ x;
  }
}
