// Reads the one sign that a plain query knows: double quotes around a phrase.

import { PHRASES_MAX } from '../base/limits.ts';

/**
 * A quote opens at the start or after a space, and closes before a space, the end, or punctuation. Any other one, and one
 * that is alone, is an ordinary character: inches, code and apologies for quotes pass through.
 */
const QUOTED = /(?<=^|\s)"([^"]*)"(?=$|[\s.,;:!?])/g;

/** A text with its phrases apart. */
export interface Quoted {
  /** All words, without the quotes of phrases. */
  readonly plain: string;
  /** The words outside of phrases. */
  readonly rest: string;
  readonly phrases: readonly string[];
  /** The text is one phrase and nothing else. */
  readonly whole: boolean;
}

/** Reads at most 32 phrases; later quotes are ordinary characters. */
export function readQuotes(text: string): Quoted {
  const phrases: string[] = [];
  let [plain, rest, from] = ['', '', 0];
  for (const found of text.matchAll(QUOTED)) {
    const [quoted, phrase = ''] = found;
    const between = text.slice(from, found.index);
    plain += between + phrase;
    rest += between;
    from = found.index + quoted.length;
    if (phrase.trim() !== '') phrases.push(phrase);
    if (phrases.length === PHRASES_MAX) break;
  }
  const tail = text.slice(from);
  return {
    plain: plain + tail,
    rest: rest + tail,
    phrases,
    whole: phrases.length === 1 && (rest + tail).trim() === '',
  };
}
