// Embeds what has no vector yet, in turns between the writes.

import { backfill, missing } from '../change/backfill.ts';
import type { Progress } from '../model/report.ts';
import type { Room } from './compose.ts';
import type { Engine } from './engine.ts';

/** Frame by frame, so that writes get their turn in between. */
export async function fillVectors(
  engine: Engine,
  room: Room,
  life: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  if (room.state.history.chunks.size === 0) return;
  await room.model();
  if (!room.writer || !room.state.embedder) return;
  const total = missing(room.state).length;
  for (let left = total; left > 0 && !life.aborted; ) {
    onProgress({ phase: 'upgrade', done: Math.max(0, total - left), total });
    left = await engine.exclusively(async () => {
      await backfill(room.state, life);
      await engine.afterWrite(room.state);
      return missing(room.state).length;
    });
  }
  if (total > 0) onProgress({ phase: 'upgrade', done: total, total });
}
