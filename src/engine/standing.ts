// Where a handle stands, and which commits it keeps from being forgotten.

import type { AsOf, Instant } from '../model/query.ts';
import { pointOf } from '../retrieve/point.ts';
import type { Pins } from '../storage/pins.ts';
import type { Room } from './compose.ts';
import type { Side } from './side.ts';

const CHECKOUT_PIN = 'checkout';

interface Sight {
  readonly seq: number;
  readonly head: number;
  readonly docs: number;
}

export class Standing {
  readonly #room: Room;
  readonly #pins: Pins;
  readonly #side: Side;

  constructor(room: Room, pins: Pins, side: Side) {
    this.#room = room;
    this.#pins = pins;
    this.#side = side;
  }

  /**
   * Stands on a branch by its name, where it can write; on anything else, a commit, where it only reads.
   *
   * @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`.
   */
  async checkout(ref: Instant): Promise<undefined> {
    const { history } = this.#room.state;
    const isBranch = typeof ref === 'string' && history.refs.branches.has(ref);
    history.checkout = isBranch ? { branch: ref } : { seq: history.resolve(ref) };
    const commit = isBranch ? undefined : history.headCommit?.id;
    if (commit === undefined) this.#pins.drop(CHECKOUT_PIN);
    else await this.#pins.hold(CHECKOUT_PIN, commit);
    this.tell();
    return undefined;
  }

  /** The page hears which commit this is now: live queries look again. */
  tell(): void {
    const commit = this.#room.state.history.headCommit;
    if (commit) this.#side.send({ kind: 'change', commit });
  }

  /** What this handle sees, as far as its page has to hear when that becomes another. */
  sight(): Sight {
    const { history } = this.#room.state;
    return { seq: history.lastSeq, head: history.headSeq, docs: history.head.docs.count() };
  }

  /** The page hears of the last commit if there are new ones, else where this is now if it sees other documents. */
  tellSince(before: Sight): void {
    const { seq, head, docs } = this.sight();
    const commit = this.#room.state.history.commits.get(seq);
    if (commit && seq > before.seq) this.#side.send({ kind: 'change', commit });
    else if (head !== before.head || docs !== before.docs) this.tell();
  }

  /** Keeps the commit of a point in history; answers its id. */
  async pin(pin: string, asOf: AsOf | undefined): Promise<string | undefined> {
    const { history } = this.#room.state;
    const commit = history.commits.get(pointOf(history, asOf).seq)?.id;
    if (commit !== undefined) await this.#pins.hold(pin, commit);
    return commit;
  }

  unpin(pin: string): void {
    this.#pins.drop(pin);
  }

  /** Seqs of the commits that anybody keeps, in any tab. */
  async pinned(): Promise<Set<number>> {
    const ids = await this.#pins.all();
    const { history } = this.#room.state;
    return new Set([...ids].map((id) => history.seqOf(id)).filter((seq) => seq !== undefined));
  }

  close(): void {
    this.#pins.close();
  }
}
