// Deflated pieces: an envelope around the compressed bytes of another, for text that is seldom read (RFC 1951).

import { ByteReader, ByteWriter } from './bytes.ts';
import { type Crc, headerSum, KIND, readEnvelope, writeEnvelope } from './envelope.ts';
import { AetherError } from './errors.ts';

/** A piece as the store gives it. */
interface Stored {
  readonly frames: readonly Uint8Array[];
  readonly length: number;
}

/** The frames of a piece as one array, cut to its length. */
export function joined({ frames, length }: Stored): Uint8Array<ArrayBuffer> {
  const whole = new Uint8Array(length);
  let at = 0;
  for (const frame of frames) {
    whole.set(frame.subarray(0, length - at), at);
    at += Math.min(frame.length, length - at);
  }
  return whole;
}

/** A packed piece around `plain`. */
export async function pack(plain: Uint8Array, crc: Crc): Promise<Uint8Array<ArrayBuffer>> {
  const body = new ByteWriter().u32(plain.length).bytes(await through(plain, new CompressionStream('deflate-raw')));
  return writeEnvelope(KIND.packed, [{ tag: 'Defl', body: body.take() }], crc);
}

/**
 * What was packed.
 *
 * @throws `AV_CORRUPT` when it is damaged, or another piece than the one whose header sum is given.
 */
export async function unpack(piece: Stored, sum: number, crc: Crc): Promise<Uint8Array<ArrayBuffer>> {
  const [first] = piece.frames;
  if (!first || headerSum(first) !== sum)
    throw new AetherError('AV_CORRUPT', `a packed segment is ${first ? 'damaged' : 'missing'}`);
  const [section] = readEnvelope(joined(piece), KIND.packed, ['Defl'], crc);
  const reader = new ByteReader(section?.body ?? new Uint8Array(0), 'Defl');
  const length = reader.u32();
  const plain = await through(reader.bytes(reader.left), new DecompressionStream('deflate-raw')).catch(
    (cause: unknown) => {
      throw new AetherError('AV_CORRUPT', 'a packed segment cannot be inflated', { cause });
    },
  );
  if (plain.length !== length)
    throw new AetherError('AV_CORRUPT', `a packed segment has ${plain.length} bytes, not ${length}`);
  return plain;
}

/** Is this the head of a packed piece? */
export function isPacked(bytes: Uint8Array): boolean {
  return bytes.length > 8 && new DataView(bytes.buffer, bytes.byteOffset).getUint16(6, true) === KIND.packed;
}

async function through(
  bytes: Uint8Array,
  stream: CompressionStream | DecompressionStream,
): Promise<Uint8Array<ArrayBuffer>> {
  const piped = new Blob([bytes.slice()]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}
