// history-bytes-per-year and commit-overhead-kb: what the whole history costs on disk, and what one commit hands to IndexedDB.
import { blocks } from '../../bench/lib/markdown.mjs';
import { median, round, summary } from '../../bench/lib/stats.mjs';
import { Skip } from '../../bench/lib/suite.mjs';
import { yardstickAtRest } from './disk.mjs';
import { feed, replayed } from './replay.mjs';
import { difference, stateAt } from './stream.mjs';

const page = 'eval/history';
const yearMs = 365.25 * 24 * 3600 * 1000;

/** Against a database of its own that was given the head's documents at once; both compacted. */
export async function historyBytes(context, set) {
  const { stream, atRest } = await replayed(context, set);
  const [first, last] = [stream.commits[0], stream.commits[stream.last]].map(({ time }) => Date.parse(time));
  const years = (last - first) / yearMs;
  if (!(years > 0)) throw new Skip('the commits of this stream do not span any time');
  const head = stateAt(stream, stream.last);
  const tab = await context.site.browse();
  await tab.call(page, 'start', 'db', 'latest');
  await feed(tab, 'db', [difference(new Map(), head, 'the head')]);
  const latest = await yardstickAtRest(tab, 'db', context.short);
  const more = (100 * (atRest.bytes - latest.bytes)) / latest.bytes;
  const textBytes = [...head.values()].reduce((sum, text) => sum + Buffer.byteLength(text), 0);
  const config = {
    bytes: atRest.bytes,
    ofThatLevelDb: atRest.leveldb,
    latestOnlyBytes: latest.bytes,
    ofThatLevelDbLatest: latest.leveldb,
    headTextBytes: textBytes,
    years: round(years),
    percentInAll: round(more),
  };
  return [
    { row: 'history-bytes-per-year', value: round(more / years), unit: '% a year', n: stream.commits.length, config },
  ];
}

/** UTF-8 bytes of the blocks of a text that the text before did not hold. */
function newTextBytes(before = '', now = '') {
  const there = new Map();
  for (const block of blocks(before)) there.set(block, (there.get(block) ?? 0) + 1);
  let sum = 0;
  for (const block of blocks(now)) {
    const left = there.get(block) ?? 0;
    if (left > 0) there.set(block, left - 1);
    else sum += Buffer.byteLength(block);
  }
  return sum;
}

/** Over the replay's commits that put or delete one document, the first commit left out. */
export async function commitOverhead(context, set) {
  const { stream, list, written, info } = await replayed(context, set);
  const state = new Map();
  const vectorBytes = info.embedding.dims * 4;
  const commits = [];
  for (const [i, { put, drop }] of list.entries()) {
    const [doc] = put;
    if (i > 0 && put.length + drop.length === 1) {
      const { embedded, handed } = written[i];
      const text = doc ? newTextBytes(state.get(doc.id), doc.text) : 0;
      const whole = doc ? Buffer.byteLength(doc.text) : 0;
      commits.push({
        handed: handed.bytes,
        extra: handed.bytes - text,
        text,
        whole,
        embedded,
      });
    }
    for (const { id, text } of put) state.set(id, text);
    for (const id of drop) state.delete(id);
  }
  if (commits.length === 0) throw new Skip('no commit of this stream changes one document alone');
  const mean = (of) => round(commits.reduce((sum, each) => sum + of(each), 0) / commits.length / 1000);
  const figures = summary(commits.map(({ extra }) => extra / 1000));
  const config = {
    meanKb: mean(({ extra }) => extra),
    handedMedianKb: round(median(commits.map(({ handed }) => handed / 1000))),
    handedMeanKb: mean(({ handed }) => handed),
    newTextMeanKb: mean(({ text }) => text),
    newVectorsMeanKb: mean(({ embedded }) => embedded * vectorBytes),
    wholeTextMeanKb: mean(({ whole }) => whole),
    dims: info.embedding.dims,
    commits: stream.commits.length,
  };
  return [{ row: 'commit-overhead-kb', ...figures, unit: 'KB', config }];
}
