// The stemmers of other languages than English: a second WASM module, fetched once and when a text needs it.

import { AetherError } from '../base/errors.ts';
import type { Stems } from '../ports/index.ts';
import { fetchModule } from './load.ts';

interface Guest {
  readonly memory: WebAssembly.Memory;
  /** Where a word is written and its stem is read. */
  aetherv_room(): number;
  aetherv_stem(language: number, length: number): number;
}

let url: string | undefined;
let guest: Guest | undefined;
let loading: Promise<void> | undefined;

/** Says where the module is. */
export function stemsAt(address: string | undefined): void {
  url = address;
}

/**
 * Takes the compiled module.
 *
 * @throws `AV_MODEL_UNAVAILABLE` when it is not that of the stemmers.
 */
export async function useStems(module: WebAssembly.Module): Promise<void> {
  const wrong = (cause?: unknown): AetherError =>
    new AetherError('AV_MODEL_UNAVAILABLE', 'the module of stemmers is another one. Serve that of this version.', {
      cause,
    });
  const instance = await WebAssembly.instantiate(module).catch((cause: unknown) => {
    throw wrong(cause);
  });
  const { memory, aetherv_room: room, aetherv_stem: stem } = instance.exports;
  if (!(memory instanceof WebAssembly.Memory) || typeof room !== 'function' || typeof stem !== 'function')
    throw wrong();
  guest = instance.exports as unknown as Guest;
}

/** The stemmers, once for all databases of this worker. */
export const stems: Stems = {
  load() {
    loading ??= fetchStems().catch((error: unknown) => {
      // The next call tries again: the connection may be back.
      loading = undefined;
      throw error;
    });
    return loading;
  },
};

async function fetchStems(): Promise<void> {
  if (guest) return;
  const what = 'the stemmers, which texts of other languages than English need,';
  if (url === undefined) throw new AetherError('AV_MODEL_UNAVAILABLE', `${what} cannot be found. Set assets.stemsUrl.`);
  await useStems(await fetchModule(url, what, 'AV_MODEL_UNAVAILABLE', 'assets.stemsUrl'));
}

/** The stemmers as an engine with this memory calls them: words and stems by their addresses there. */
export function stemmerIn(memory: () => WebAssembly.Memory) {
  let [engine, own] = [new Uint8Array(0), new Uint8Array(0)];
  // A query asks for each word once for every language of the store: views are made anew only when a memory has grown.
  const over = (view: Uint8Array<ArrayBuffer>, { buffer }: WebAssembly.Memory) =>
    view.buffer === buffer ? view : new Uint8Array(buffer as ArrayBuffer);
  const copy = (from: Uint8Array, start: number, to: Uint8Array, at: number, length: number): void => {
    for (let i = 0; i < length; i++) to[at + i] = from[start + i] ?? 0;
  };
  return {
    is_ready: (): boolean => guest !== undefined,
    stem(language: number, word: number, length: number, room: number): number {
      if (!guest) return 0;
      const at = guest.aetherv_room();
      engine = over(engine, memory());
      own = over(own, guest.memory);
      copy(engine, word, own, at, length);
      const stemmed = guest.aetherv_stem(language, length);
      own = over(own, guest.memory);
      copy(own, at, engine, room, stemmed);
      return stemmed;
    },
  };
}
