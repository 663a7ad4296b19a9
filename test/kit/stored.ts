// Looks for words in what a database keeps in IndexedDB, below noise, seal and compression; runs in the page as it stands.

/** The words (or halves of them, or their UTF-16) that any stored value holds, each with the first store it was found in. */
export async function wordsStored([name, words]: readonly [name: string, words: readonly string[]]): Promise<
  Record<string, string>
> {
  const plain = (value: Uint8Array): Uint8Array => {
    const magic = new TextDecoder('latin1').decode(value.slice(0, 4));
    if (magic !== 'AVWH') return value;
    const out = value.slice(8);
    const noise = new Uint32Array(out.buffer);
    let x = new DataView(value.buffer, value.byteOffset).getUint32(4, true) || 1;
    for (const [i, word] of noise.entries()) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
      noise[i] = word ^ x;
    }
    return out;
  };
  const inflated = async (piece: Uint8Array): Promise<Uint8Array[]> => {
    const view = new DataView(piece.buffer, piece.byteOffset, piece.byteLength);
    const isPacked = piece.length > 36 && view.getUint32(0, true) === 0x42445641 && view.getUint16(6, true) === 6;
    if (!isPacked) return [];
    const [start, length] = [view.getUint32(20, true), view.getUint32(24, true)];
    const body = new Blob([piece.slice(start + 4, start + length)]).stream();
    return [new Uint8Array(await new Response(body.pipeThrough(new DecompressionStream('deflate-raw'))).arrayBuffer())];
  };
  const read = async (store: 'head' | 'manifest' | 'wal' | 'seg' | 'key'): Promise<[IDBValidKey, Uint8Array][]> => {
    const keys = await kit.keys(name, store);
    const values = await kit.raw<unknown[]>(name, store, 'readonly', (s) => s.getAll());
    return keys.map((key, i) => [key, plain(values[i] as Uint8Array)]);
  };
  const keys = new Map((await read('key')).map(([epoch, key]) => [String(epoch), key]));
  const unsealed = async (at: IDBValidKey, frame: Uint8Array): Promise<Uint8Array[]> => {
    const [epoch, n] = String(at).split(',');
    const stored = keys.get(epoch ?? '');
    if (!stored || new TextDecoder('latin1').decode(frame.slice(0, 4)) !== 'AVSL') return [];
    const key = await crypto.subtle.importKey('raw', stored.slice(0, 32), 'AES-GCM', false, ['decrypt']);
    const additionalData = new TextEncoder().encode(`wal ${epoch}/${n}`);
    const cipher = { name: 'AES-GCM', iv: frame.slice(4, 16), additionalData };
    return [new Uint8Array(await crypto.subtle.decrypt(cipher, key, frame.slice(16)))];
  };
  const pieces: [string, Uint8Array][] = [];
  for (const store of ['head', 'manifest', 'key'] as const)
    for (const [, value] of await read(store)) pieces.push([store, value]);
  for (const [at, frame] of await read('wal'))
    for (const bytes of [frame, ...(await unsealed(at, frame))]) pieces.push(['wal', bytes]);
  const segments = new Map<string, Uint8Array[]>();
  for (const [at, frame] of await read('seg')) {
    const id = String(at).split(',')[0] ?? '';
    segments.set(id, [...(segments.get(id) ?? []), frame]);
  }
  for (const frames of segments.values()) {
    const whole = new Uint8Array(await new Blob(frames.map((frame) => frame.slice())).arrayBuffer());
    pieces.push(['seg', whole]);
    for (const bytes of await inflated(whole)) pieces.push(['archive', bytes]);
  }
  const found: Record<string, string> = {};
  for (const [store, bytes] of pieces) {
    const text = new TextDecoder('latin1').decode(bytes).toLowerCase();
    for (const word of words) {
      const half = word.length / 2;
      const forms = [word.slice(0, half), word.slice(half)].flatMap((form) => [form, [...form].join('\0')]);
      if (forms.some((form) => text.includes(form))) found[word] ??= store;
    }
  }
  return found;
}
