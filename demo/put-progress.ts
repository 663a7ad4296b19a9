// Follows the progress of one put, or of opening: a line of text, and one share from 0 to 1 over its phases.
import type { Progress } from 'aetherv';
import { count, plural } from './format.ts';

export class PutProgress {
  #documents = '';
  #embedded = 0;
  #last = '';
  /** 0 to 1; undefined while nobody knows. */
  share: number | undefined;

  take({ phase, done, total }: Progress): void {
    const amount = total ? `${count(Math.min(done, total))} of ${count(total)}` : count(done);
    if (phase === 'prepare') this.#documents = `${amount} documents`;
    if (phase === 'embed') this.#embedded = done;
    this.#last = {
      prepare: '',
      embed: '',
      index: `${amount} vectors indexed`,
      write: 'writing',
      load: 'loading the embedding table',
      upgrade: `${amount} chunks`,
    }[phase];
    // Chunks are embedded while documents are read, and nobody knows how many there will be: the documents are the measure.
    if (phase === 'write') this.share = 1;
    else if (phase !== 'embed') this.share = total ? Math.min(1, done / total) : undefined;
  }

  get detail(): string {
    const embedded = this.#embedded > 0 ? `${plural(this.#embedded, 'chunk')} embedded` : '';
    return [this.#documents, embedded, this.#last].filter(Boolean).join(', ');
  }
}
