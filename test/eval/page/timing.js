// The history rows that are timed, in the page and around each call.
import { verb } from '/eval/history.js';

/** Milliseconds of a hybrid search, texts of its hits read; `asOf` undefined is the head. */
async function ask(handle, text, asOf) {
  const started = performance.now();
  const hits = await verb(handle, 'search', text, { k: 10, ...(asOf && { asOf }) });
  for (const hit of hits) if (hit.text === undefined) throw new Error('a hit has no text');
  return performance.now() - started;
}

/**
 * Every view gets one question to warm it up, then each of its others is asked of it and of the head, in turn the one first and
 * the other: `[{ asOf: [ms], head: [ms] }]`.
 */
export async function pairs(handle, views) {
  const out = [];
  for (const { ref, warmUp, questions } of views) {
    await ask(handle, warmUp, ref);
    const times = { asOf: [], head: [] };
    for (const [i, text] of questions.entries()) {
      for (const where of i % 2 === 0 ? ['asOf', 'head'] : ['head', 'asOf'])
        times[where].push(await ask(handle, text, where === 'asOf' ? ref : undefined));
    }
    out.push(times);
  }
  return out;
}

/** Of every view the first question and those that follow; `warmUp` is asked of the head before. */
export async function firsts(handle, views, warmUp) {
  for (const text of warmUp) await ask(handle, text);
  const out = [];
  for (const { ref, questions } of views) {
    const times = [];
    for (const text of questions) times.push(await ask(handle, text, ref));
    out.push(times);
  }
  return out;
}

/** Milliseconds of `count` calls of `branch`, after one to warm up. */
export async function branches(handle, count) {
  const times = [];
  for (let i = 0; i <= count; i++) {
    const started = performance.now();
    await verb(handle, 'branch', `line-${i}`);
    times.push(performance.now() - started);
  }
  return times.slice(1);
}
