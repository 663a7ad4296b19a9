// The rows on 100,000 passages, in Chromium through the facade: lexical search, search as you type, mistyped words.
import { passages, publish } from '../lib/data.mjs';
import { percentile, random, round, summary } from '../lib/stats.mjs';

const SEED = 7;
const WARM_UP = 100;

/** One database in a page for all rows. */
function filled({ site, short, once }) {
  return once('text passages', async () => {
    const count = short ? 2000 : 100_000;
    const { docs, queries } = await passages(count);
    const words = queries.flatMap((query) => query.split(/\s+/)).filter((word) => /^\p{L}{4,}$/u.test(word));
    const tab = await site.browse();
    await tab.call('text', 'fill', publish(`passages-${count}.json`, docs));
    return {
      tab,
      words: [...new Set(words)],
      data: count === 100_000 ? 'passages100k' : `passages100k, first ${count}`,
    };
  });
}

/** `count` questions of three words each, after some more for warm-up. */
function threeWords(words, count) {
  const uniform = random(SEED);
  const word = () => words[Math.floor(uniform() * words.length)];
  return Array.from({ length: count + WARM_UP }, () => `${word()} ${word()} ${word()}`);
}

async function timesOf(context, make, options) {
  const { tab, words, data } = await filled(context);
  const { times } = await tab.call('text', 'ask', make(threeWords(words, context.short ? 50 : 500)), options);
  return { times: times.slice(WARM_UP), data };
}

export const searchTask = {
  rows: ['search-100k-p50-ms', 'search-100k-p99-ms'],
  run: async (context) => {
    const { times, data } = await timesOf(context, (questions) => questions, { mode: 'lexical' });
    const about = { unit: 'ms', data, config: { k: 10, mode: 'lexical', words: 3 } };
    return [
      { row: 'search-100k-p50-ms', ...summary(times), ...about },
      { row: 'search-100k-p99-ms', ...summary(times), value: round(percentile(times, 0.99)), ...about },
    ];
  },
};

/** How the facade is asked for these. */
const typed = {
  'prefix-100k-p50-ms': { options: { prefix: true }, make: prefixes },
  'typo-100k-p50-ms': { options: { typos: 'auto' }, make: (questions) => questions.map(mistyped) },
};

export const typedTasks = Object.entries(typed).map(([row, { options, make }]) => ({
  rows: [row],
  run: async (context) => {
    const { times, data } = await timesOf(context, make, { mode: 'lexical', ...options });
    return [{ row, ...summary(times), unit: 'ms', data, config: { k: 10, p99: round(percentile(times, 0.99)) } }];
  },
}));

/** A word as it grows, from three letters on. */
function prefixes(questions) {
  return questions.flatMap((question) => {
    const [word] = question.split(' ');
    return Array.from({ length: word.length - 2 }, (_, i) => word.slice(0, 3 + i));
  });
}

/** One edit in every word, not of its first letter. */
function mistyped(question, seed) {
  const uniform = random(seed + 1);
  const change = (word) => {
    const at = 1 + Math.floor(uniform() * (word.length - 1));
    const letter = String.fromCharCode(97 + Math.floor(uniform() * 26));
    const rest = [word.slice(at + 1), word.slice(at), word.slice(at + 1)];
    const kind = Math.floor(uniform() * 3);
    return word.slice(0, at) + (kind === 0 ? '' : letter) + rest[kind];
  };
  return question.split(' ').map(change).join(' ');
}
