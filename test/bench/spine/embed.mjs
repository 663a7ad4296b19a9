// embed-sentences-s: how fast the embedded table embeds sentences of about 120 characters in the engine worker.
import { publish, shared } from '../lib/data.mjs';
import { readHistory } from '../lib/history.mjs';
import { Skip } from '../lib/suite.mjs';
import { median, round, summary } from '../lib/stats.mjs';

const aboutChars = 120;

/**
 * Distinct texts of 100 to 160 characters: from the start of every distinct sentence of prose of both histories, whole words on to
 * 120 characters. (Whole sentences of that length alone would be 6,000.)
 */
export function sentences() {
  const starts = new Set();
  const out = new Set();
  for (const name of ['rust-book', 'vite-docs']) {
    for (const { changes } of readHistory(shared(`data/histories/${name}.jsonl.gz`)).commits) {
      for (const { text } of changes) if (text) collect(text, starts, out);
    }
  }
  return [...out];
}

function collect(text, starts, out) {
  const prose = text.replace(/```[\s\S]*?```/g, ' ').split(/(?<=[.!?])\s+|\n\s*\n/);
  const clean = prose.map((sentence) => sentence.replace(/\s+/g, ' ').trim());
  clean.forEach((sentence, i) => {
    if (sentence.length < 25 || starts.has(sentence)) return;
    starts.add(sentence);
    const following = clean.slice(i, i + 8).join(' ');
    const end = following.indexOf(' ', aboutChars - 1);
    const piece = end < 0 ? following : following.slice(0, end);
    if (piece.length >= 100 && piece.length <= 160) out.add(piece);
  });
}

export async function embed({ site, short }) {
  const [warm, count, batches] = short ? [500, 4000, 2] : [1000, 20_000, 5];
  const texts = sentences();
  if (texts.length < warm + count) throw new Skip(`only ${texts.length} distinct sentences in the histories`);
  const docs = texts.slice(0, warm + count).map((text, i) => ({ id: `s${i}`, text }));
  const url = publish('sentences.json', docs);
  const tab = await site.browse();
  await tab.call('spine', 'load', url);
  const { rates, space, size } = await tab.call('spine', 'embedRates', 'sentences', warm, batches);
  await tab.close();
  const texted = rates.reduce((sum, { texts }) => sum + texts, 0);
  if (texted < 0.95 * batches * size)
    throw new Error(`only ${texted} of ${batches * size} texts went through the model`);
  const chars = round(median(docs.map(({ text }) => text.length)));
  const config = { space, texts: texted, medianChars: chars, batches: batches };
  const figures = summary(rates.map(({ texts, ms }) => texts / ms));
  return [{ row: 'embed-sentences-s', ...figures, unit: 'thousand/s', data: 'histories', config }];
}
