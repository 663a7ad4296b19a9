// WAL frames: whole commits, each chained to the frame before.

import { beforeAll, describe, expect, it } from 'vitest';
import { startEngine } from '../../test/kit/engine.ts';
import { KIND, readEnvelope, writeEnvelope } from '../base/envelope.ts';
import { hasher } from '../index/shard.ts';
import { decodeFrame, encodeFrame, type Frame } from './frame.ts';
import type { CommitRecord } from './record.ts';

beforeAll(startEngine);
const crc = (bytes: Uint8Array): number => hasher.crc32c(bytes);
const none = () => undefined;
const TAGS = ['Fhdr', 'Cmt2', 'Docs', 'Time', 'Refs', 'Chnk', 'Vect', 'Vmap', 'Segm'];

const record: CommitRecord = {
  info: {
    id: 'ab'.repeat(16),
    seq: 3,
    parents: ['cd'.repeat(16)],
    message: 'a message',
    author: '',
    time: 1_700_000_000_000,
    stats: { added: 1, updated: 0, deleted: 0, chunks: 2, embedded: 2, reused: 0, tokensEmbedded: 9, tokensReused: 0 },
  },
  batch: 'ef'.repeat(16),
  entry: { seq: 3, base: 1, docsBorn: [0], docsDied: [], chunksBorn: [0, 1], chunksDied: [] },
  docs: [
    {
      dno: 0,
      id: 'a',
      versionId: '01'.repeat(16),
      title: undefined,
      format: 'text',
      meta: {},
      validFrom: undefined,
      validTo: undefined,
      parts: [0, '\n', 1],
    },
  ],
};
const frame: Frame = {
  record,
  refs: [
    { kind: 'head', name: 'work', seq: 3 },
    { kind: 'tag', name: 'v1', seq: 1 },
  ],
  sections: [
    { tag: 'Chnk', body: Uint8Array.of(1, 2) },
    { tag: 'Vect', body: Uint8Array.of(3) },
    { tag: 'Vmap', body: Uint8Array.of(4) },
    { tag: 'Chnk', body: Uint8Array.of(5) },
  ],
  segments: [{ id: 9, kind: 'text', space: 0, bytes: 100, sum: 7 }],
};

describe('a frame', () => {
  it('comes out as it went in, its index sections in order', () => {
    expect(decodeFrame(encodeFrame(frame, 5, none, crc), 5, none, crc)).toEqual(frame);
  });

  it('may bring vectors alone, without a commit', () => {
    const vectors: Frame = { record: undefined, refs: [], sections: frame.sections.slice(1, 3), segments: [] };
    expect(decodeFrame(encodeFrame(vectors, 0, none, crc), 0, none, crc)).toEqual(vectors);
  });

  it('may move refs alone, without a commit', () => {
    const move = { branch: 'main', from: 3, to: 1, time: 5, why: 'reset' };
    const moved: Frame = { record: undefined, refs: [{ kind: 'move', move }], sections: [], segments: [] };
    expect(decodeFrame(encodeFrame(moved, 0, none, crc), 0, none, crc)).toEqual(moved);
  });

  it('of the first format moves main to its commit', () => {
    const parts = readEnvelope(encodeFrame({ ...frame, refs: [] }, 5, none, crc), KIND.wal, TAGS, crc);
    const old = parts.map(({ tag, body }) => {
      // Both token counts stood at the end, one byte each; the first format wrote no base.
      if (tag === 'Cmt2') return { tag: 'Cmmt', body: body.subarray(0, -2) };
      return tag === 'Time' ? { tag, body: Uint8Array.of(0, ...body.subarray(1)) } : { tag, body };
    });
    expect(old.map(({ tag }) => tag)).toContain('Cmmt');
    const { info, entry } = record;
    const was = { ...info, stats: { ...info.stats, tokensEmbedded: 0, tokensReused: 0 } };
    expect(decodeFrame(writeEnvelope(KIND.wal, old, crc), 5, none, crc)).toEqual({
      ...frame,
      record: { ...record, info: was, entry: { ...entry, base: 2 } },
      refs: [{ kind: 'head', name: 'main', seq: 3 }],
    });
  });

  it('of several commits is AV_FORMAT_NEWER', () => {
    const parts = readEnvelope(encodeFrame(frame, 5, none, crc), KIND.wal, TAGS, crc);
    const twice = parts.map(({ tag, body }) => ({
      tag,
      body: tag === 'Cmt2' ? Uint8Array.of(...body, ...body) : body,
    }));
    expect(() => decodeFrame(writeEnvelope(KIND.wal, twice, crc), 5, none, crc)).toThrow(
      expect.objectContaining({ code: 'AV_FORMAT_NEWER' }),
    );
  });

  it('that does not follow on the one before is AV_CORRUPT', () => {
    const bytes = encodeFrame(frame, 5, none, crc);
    for (const chain of [0, 4, 6])
      expect(() => decodeFrame(bytes, chain, none, crc)).toThrow(expect.objectContaining({ code: 'AV_CORRUPT' }));
  });

  it('is the same bytes for the same content', () => {
    expect(encodeFrame(frame, 5, none, crc)).toEqual(encodeFrame(structuredClone(frame), 5, none, crc));
  });
});
