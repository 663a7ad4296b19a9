// The side port to the page: documents are pulled through it, progress and events are pushed.

import { AetherError, fromWire } from '../base/errors.ts';
import type { Doc } from '../model/document.ts';
import type { Progress } from '../model/report.ts';
import type { SideMessage, SideReply } from '../protocol/engine.ts';

const PROGRESS_EVERY_MS = 50;

/** The engine's end of the port. */
export class Side {
  readonly #port: MessagePort;
  readonly #waiting = new Map<
    number,
    { resolve: (reply: { docs: readonly Doc[]; done: boolean }) => void; reject: (error: unknown) => void }
  >();

  constructor(port: MessagePort) {
    this.#port = port;
    port.onmessage = ({ data }: MessageEvent<SideReply>) => {
      const call = this.#waiting.get(data.call);
      this.#waiting.delete(data.call);
      if (data.kind === 'batch') call?.resolve(data);
      else call?.reject(fromWire(data.error));
    };
  }

  send(message: SideMessage): void {
    this.#port.postMessage(message);
  }

  /** The documents of a put, batch by batch; the next one is asked for when the last was worked off. */
  async *pull(call: number, signal: AbortSignal): AsyncGenerator<{ put: readonly Doc[] }> {
    for (let done = false; !done; ) {
      const reply = await new Promise<{ docs: readonly Doc[]; done: boolean }>((resolve, reject) => {
        const onAbort = (): void => reject(new AetherError('AV_ABORTED', 'the write was aborted'));
        if (signal.aborted) return onAbort();
        signal.addEventListener('abort', onAbort, { once: true });
        this.#waiting.set(call, { resolve, reject });
        this.send({ kind: 'pull', call });
      });
      done = reply.done;
      yield { put: reply.docs };
    }
  }

  /** Reports progress at most every so often, and the first of each phase at once. */
  progress(call: number): (progress: Progress) => void {
    let [last, phase] = [0, ''];
    return (progress) => {
      const now = performance.now();
      if (progress.phase === phase && now - last < PROGRESS_EVERY_MS && progress.done !== progress.total) return;
      [last, phase] = [now, progress.phase];
      this.send({ kind: 'progress', call, progress });
    };
  }
}
