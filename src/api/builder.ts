// A worker for one build of a graph, started when the engine asks for it.

import { AetherError, toWire } from '../base/errors.ts';
import type { SideReply } from '../protocol/engine.ts';
import type { Assets } from './options.ts';
import { spawnBuilder } from './spawn.ts';

/** Starts a worker for one build of a graph and hands the engine its port; it is among `running` until it ends. */
export function startBuilder(side: MessagePort, assets: Assets, running: Set<Worker>): void {
  try {
    const { worker, wasm } = spawnBuilder(assets);
    running.add(worker);
    const { port1, port2 } = new MessageChannel();
    // Once it is known to run; what fails later is heard of by its silence.
    worker.onerror = (event) => {
      event.preventDefault();
      const why = `the worker that builds graphs failed: ${event.message || 'its script could not be loaded'}`;
      side.postMessage({
        kind: 'no-builder',
        error: toWire(new AetherError('AV_WORKER_LOST', why)),
      } satisfies SideReply);
      worker.terminate();
      running.delete(worker);
    };
    worker.onmessage = ({ data }: MessageEvent<'runs' | 'ends'>) => {
      if (data === 'ends') return void running.delete(worker);
      worker.onerror = null;
      side.postMessage({ kind: 'builder', port: port2 } satisfies SideReply, [port2]);
    };
    worker.postMessage({ port: port1, wasm }, [port1]);
  } catch (error) {
    side.postMessage({ kind: 'no-builder', error: toWire(error, 'AV_WORKER_LOST') } satisfies SideReply);
  }
}
