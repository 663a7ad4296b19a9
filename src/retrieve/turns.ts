// A read of a collection that takes many turns: between two of them others have theirs, and each looks at the collection as it is then.

import { AetherError } from '../base/errors.ts';
import type { AsOf } from '../model/query.ts';
import type { Bitset } from '../version/bitset.ts';
import type { State } from '../version/state.ts';
import { pointOf } from './point.ts';
import { rowsOf, type Sight, sightOf } from './sight.ts';

/** Lets others have their turn, while the commit stays; throws when the call was given up. */
export type Turn = (commit: string) => Promise<void>;

/** The collection at one commit, turn after turn. */
export class Turns {
  readonly #state: State;
  readonly #name: string;
  readonly #at: string | undefined;
  readonly #turn: Turn;
  /** The items that the commit shows, as long as none is erased. */
  #shown: Bitset | undefined;

  /** @throws `AV_REF_UNKNOWN`, `AV_REF_AMBIGUOUS`. */
  constructor(state: State, name: string, asOf: AsOf | undefined, turn: Turn) {
    this.#state = state;
    this.#name = name;
    this.#turn = turn;
    // A branch may move meanwhile.
    this.#at = state.history.commits.get(pointOf(state.history, asOf).seq)?.id;
    this.#shown = this.#shows();
  }

  #shows(): Bitset | undefined {
    const { history, collections } = this.#state;
    const ordinal = collections.named(this.#name)?.def.ordinal;
    return ordinal === undefined ? undefined : history.view(history.resolve(this.#at)).items.get(ordinal);
  }

  /** Does the commit show what it did? */
  #isWhole(): boolean {
    const before = this.#shown;
    this.#shown = this.#shows();
    return this.#shown === before || this.#shown?.count() === before?.count();
  }

  /** The collection as it is now; undefined where there is none. */
  sight(): Promise<Sight | undefined> {
    return sightOf(this.#state, this.#name, this.#at);
  }

  /**
   * Reads when it is its turn; undefined from `read` says that something it asks for is gone.
   *
   * @throws `AV_NOT_FOUND` when it is, `AV_ABORTED`.
   */
  async read<T>(read: (sight: Sight) => T | undefined): Promise<T> {
    if (this.#at !== undefined) await this.#turn(this.#at);
    const sight = this.#isWhole() ? await this.sight() : undefined;
    const found = sight && (await rowsOf(this.#state, sight, () => read(sight)));
    if (found?.value === undefined) throw this.gone();
    return found.value;
  }

  gone(): AetherError {
    const what = `the collection "${this.#name}" was dropped meanwhile, or items of it erased`;
    return new AetherError('AV_NOT_FOUND', `${what}. Ask again.`);
  }
}
