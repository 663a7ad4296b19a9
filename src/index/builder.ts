// Builds graphs in a worker of its own, started for one run: the engine's end of its port, and the worker's.

import { AetherError, fromWire, toWire, type WireError } from '../base/errors.ts';
import type { WasmBuild } from '../model/report.ts';
import type { Built, BuildInput, GraphBuilder } from '../ports/vectors.ts';
import { createCompactor, loadVectors } from './vectors.ts';

/** Rows inserted between two looks at the port. */
const ROWS_PER_SLICE = 256;
/** A worker that has said nothing for so long is given up; a slice takes a fraction of a second. */
const SILENCE_MS_MAX = 60_000;

/** Builder to engine. */
type Reply =
  | { readonly kind: 'progress'; readonly done: number; readonly total: number }
  | ({ readonly kind: 'done' } & Built)
  | { readonly kind: 'failed'; readonly error: WireError };

/** What the page hands to a new worker. */
export interface BuilderStart {
  readonly port: MessagePort;
  readonly wasm: Readonly<Record<WasmBuild, string>> | undefined;
}

/** A builder that asks the page for a worker for each run. */
export function remoteBuilder(connect: () => Promise<MessagePort>): GraphBuilder {
  return {
    async build(input, { signal, onProgress }) {
      const port = await connected(connect(), signal);
      try {
        return await answer(port, input, signal, onProgress);
      } finally {
        letGo(port);
      }
    },
  };
}

/** The port, unless the build is given up before the worker runs: its script may be long on its way. */
function connected(connecting: Promise<MessagePort>, signal: AbortSignal): Promise<MessagePort> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => {
      reject(aborted());
      void connecting.then(letGo, () => undefined);
    };
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    connecting.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

const aborted = (): AetherError => new AetherError('AV_ABORTED', 'the build was aborted; nothing was changed');

/** The worker ends itself when it has answered; one that is given up has to be told. */
function letGo(port: MessagePort): void {
  port.postMessage('stop');
  port.close();
}

function answer(
  port: MessagePort,
  input: BuildInput,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Built> {
  return new Promise((resolve, reject) => {
    let timer: ReturnType<typeof setTimeout> | undefined;
    const listen = (): void => {
      clearTimeout(timer);
      timer = setTimeout(() => {
        const what = `the worker that builds graphs gave no sign of life for ${SILENCE_MS_MAX / 1000} s. Call again.`;
        end(() => reject(new AetherError('AV_WORKER_LOST', what)));
      }, SILENCE_MS_MAX);
    };
    const onAbort = (): void => end(() => reject(aborted()));
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      settle();
    };
    port.onmessage = ({ data }: MessageEvent<Reply>) => {
      if (data.kind === 'failed') end(() => reject(fromWire(data.error)));
      else if (data.kind === 'done') end(() => resolve({ live: data.live, archive: data.archive }));
      else {
        listen();
        onProgress(data.done, data.total);
      }
    };
    signal.addEventListener('abort', onAbort);
    if (signal.aborted) return onAbort();
    listen();
    const buffers = new Set(input.rows?.vectors.map(({ buffer }) => buffer as ArrayBuffer));
    port.postMessage(input, [...buffers]);
  });
}

/** The worker: one build, then it ends. */
export function serveBuild(scope: DedicatedWorkerGlobalScope): void {
  scope.onmessage = ({ data: { port, wasm } }: MessageEvent<BuilderStart>) => {
    // The page hears that the script runs.
    scope.postMessage('runs');
    let stopped = false;
    const say = (reply: Reply, buffers: Transferable[] = []): void => port.postMessage(reply, buffers);
    port.onmessage = ({ data }: MessageEvent<BuildInput | 'stop'>) => {
      if (data === 'stop') {
        stopped = true;
        scope.postMessage('ends');
        return scope.close();
      }
      const turn = (): Promise<void> => new Promise((resolve) => setTimeout(resolve));
      const onSlice = async (done: number, total: number): Promise<boolean> => {
        say({ kind: 'progress', done, total });
        await turn();
        return stopped;
      };
      const built = loadVectors(wasm).then(() => buildHere(data, onSlice));
      void built.then(
        ({ live, archive }) => say({ kind: 'done', live, archive }, [live.buffer, archive.buffer]),
        (error: unknown) => say({ kind: 'failed', error: toWire(error) }),
      );
    };
  };
}

/** Builds in this thread; `onSlice` answers whether to give up. */
export async function buildHere(
  { def, graphFrom, segments, rows }: BuildInput,
  onSlice: (done: number, total: number) => Promise<boolean>,
): Promise<Built> {
  const job = createCompactor(def, graphFrom);
  for (const { piece, live, kept } of segments) job.add(piece, live, kept);
  let first = rows?.firstCno ?? 0;
  for (const vectors of rows?.vectors ?? []) {
    job.addRows(vectors, first);
    first += vectors.length / def.dims;
  }
  // The first look says how many there are.
  let left = job.grow(0);
  for (const total = left; left > 0; left = job.grow(ROWS_PER_SLICE))
    if (await onSlice(total - left, total)) throw new AetherError('AV_ABORTED', 'the build was given up');
  return { live: job.liveSegment(), archive: job.archiveSegment() };
}
