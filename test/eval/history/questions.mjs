// Distinct questions, so that no cache of answers, embeddings or terms can serve a second one.
import { blocks, isHeading } from '../../bench/lib/markdown.mjs';
import { shuffled } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { stateAt } from './stream.mjs';

const wordsEach = 6;

/** `count` distinct questions: those of the queries file, then pieces of six words of the head's prose; in an order of their own. */
export function distinctQuestions(stream, count) {
  const texts = new Set(stream.queries.map(({ text }) => text));
  for (const text of stateAt(stream, stream.last).values()) {
    if (texts.size >= 4 * count) break;
    for (const block of blocks(text)) if (!isHeading(block) && !/^\s*[`~]{3}/.test(block)) collect(block, texts);
  }
  if (texts.size < count) throw new Skip(`only ${texts.size} of ${count} distinct questions can be made`);
  return shuffled([...texts], 7).slice(0, count);
}

function collect(block, texts) {
  const words = block.match(/[\p{L}\p{N}]+/gu) ?? [];
  for (let at = 0; at + wordsEach <= words.length; at += 3 * wordsEach)
    texts.add(words.slice(at, at + wordsEach).join(' '));
}
