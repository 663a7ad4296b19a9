// Seals small log frames: text that IndexedDB keeps inline survives its deletion on disk, so it must not be readable.
//
// Browsers store values from about 64 KiB as files of their own, which go when they are deleted; smaller ones stay in
// the database's log for long. So a small frame is AES-GCM ciphertext, and its key is a large value:
// once the key is deleted, with the manifest that could still need the frame, the frame's bytes say nothing any more.
//
// Sealed frame: magic "AVSL" | IV 12 | ciphertext with tag. Key value: 32 bytes of key, then random bytes up to 64 KiB.

import { AetherError } from '../base/errors.ts';
import { BLOB_BYTES_MIN } from '../base/limits.ts';
import type { StoredFrame } from '../ports/store.ts';
import { place } from './values.ts';

const MAGIC = Uint8Array.of(0x41, 0x56, 0x53, 0x4c);
const IV_BYTES = 12;
const KEY_BYTES = 32;
const HEAD_BYTES = MAGIC.length + IV_BYTES;

/** A key as it is stored, and ready for use. */
export interface SealKey {
  readonly stored: Uint8Array<ArrayBuffer>;
  readonly key: CryptoKey;
}

/** The key of an epoch; a fresh one goes into the store with its first frame. */
export type EpochKey = SealKey & { readonly fresh: boolean };

/** Frames up to this size lie inline, sealed; larger ones are values of their own. */
export const SEALED_BYTES_MAX = 49_152;

/** Pages that are not a secure context have no cipher; frames are padded to files there instead. */
export const canSeal = (): boolean => (crypto as Partial<Crypto>).subtle !== undefined;

/** A new key. */
export async function makeKey(): Promise<SealKey> {
  const stored = crypto.getRandomValues(new Uint8Array(BLOB_BYTES_MIN));
  return { stored, key: await importKey(stored) };
}

/** A stored key made ready. */
export function importKey(stored: Uint8Array): Promise<CryptoKey> {
  return crypto.subtle.importKey('raw', stored.slice(0, KEY_BYTES), 'AES-GCM', false, ['encrypt', 'decrypt']);
}

/** Is the stored frame sealed? */
export const isSealed = (frame: Uint8Array): boolean => MAGIC.every((byte, i) => frame[i] === byte);

/** A frame's sealed bytes. `place` binds them to where they lie. */
export async function seal(frame: Uint8Array, key: CryptoKey, place: string): Promise<Uint8Array<ArrayBuffer>> {
  const out = new Uint8Array(HEAD_BYTES + frame.length + 16);
  const iv = crypto.getRandomValues(out.subarray(MAGIC.length, HEAD_BYTES));
  const body = await crypto.subtle.encrypt(cipher(iv, place), key, frame.slice());
  out.set(MAGIC);
  out.set(new Uint8Array(body), HEAD_BYTES);
  return out;
}

/** The frame again; `AV_CORRUPT` when a bit is wrong or it lies in another place. */
export async function unseal(sealed: Uint8Array, key: CryptoKey | undefined, place: string): Promise<Uint8Array> {
  const damaged = (cause?: unknown): AetherError =>
    new AetherError('AV_CORRUPT', `log frame ${place} cannot be unsealed`, { cause });
  if (!key) throw damaged();
  const iv = sealed.slice(MAGIC.length, HEAD_BYTES);
  const body = crypto.subtle.decrypt(cipher(iv, place), key, sealed.slice(HEAD_BYTES));
  return new Uint8Array(
    await body.catch((cause: unknown) => {
      throw damaged(cause);
    }),
  );
}

/**
 * Frames as they were appended; one that cannot be unsealed stays as it is, and is found damaged by its reader. Stored keys, by epoch, become
 * known ones.
 */
export async function unsealAll(
  frames: readonly StoredFrame[],
  keys: ReadonlyMap<number, Uint8Array | undefined>,
  known: Map<number, EpochKey>,
): Promise<StoredFrame[]> {
  for (const [epoch, stored] of keys)
    if (!known.has(epoch) && stored instanceof Uint8Array && canSeal())
      known.set(epoch, { stored: stored.slice(), key: await importKey(stored), fresh: false });
  return Promise.all(
    frames.map(async (frame) => {
      if (!isSealed(frame.bytes)) return frame;
      const plain = unseal(frame.bytes, known.get(frame.epoch)?.key, place(frame.epoch, frame.n));
      return { ...frame, bytes: await plain.catch(() => frame.bytes) };
    }),
  );
}

const cipher = (iv: Uint8Array<ArrayBuffer>, place: string): AesGcmParams => ({
  name: 'AES-GCM',
  iv,
  additionalData: new TextEncoder().encode(place),
});
