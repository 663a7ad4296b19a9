// Lexical peers, each as its own documentation sets it up, and MiniSearch once more with our stop words and stems.
import { createRequire } from 'node:module';

const require = createRequire(new URL('../package.json', import.meta.url));
const FIELDS = ['title', 'text'];
const split = /[\n\r\p{Z}\p{P}]+/u;
/** The list of `wasm/crates/text/src/stop.rs`. */
const STOP =
  'a about above after again against all also am an and any are as at be because been before being below between both but by can could did do does doing down during each few for from further had has have having he her here hers him his how i if in into is it its itself just me more most my no nor not now of off on once only or other our out over own same she should so some such than that the their them then there these they this those through to too under until up very was we were what when where which while who whom why will with would you your';

/** A peer: `build(docs)` of `{ id, title, text }` gives `{ search(text, k): ids, add?(doc) }`; `config` says how it is set. */
export const peers = {
  minisearch: { peer: 'minisearch', config: 'defaults', build: (docs) => mini(docs, {}) },
  'minisearch-stemmed': {
    peer: 'minisearch',
    config: 'Porter2, our stop words',
    build: (docs) => mini(docs, stemmed()),
  },
  orama: { peer: '@orama/orama', config: 'defaults', build: orama },
  flexsearch: { peer: 'flexsearch', config: 'suggest', build: flexsearch },
  lunr: { peer: 'lunr', config: 'defaults', build: lunr },
  'wink-bm25': { peer: 'wink-bm25-text-search', config: 'stems and stop words of wink-nlp-utils', build: wink },
};

function stemmed() {
  const stem = require('wink-porter2-stemmer');
  const stop = new Set(STOP.split(' '));
  const known = new Map();
  const term = (word) => {
    const folded = word.toLowerCase();
    if (stop.has(folded)) return null;
    const stem_ = known.get(folded) ?? stem(folded);
    known.set(folded, stem_);
    return stem_;
  };
  return { processTerm: term, tokenize: (text) => text.split(split) };
}

function mini(docs, options) {
  const MiniSearch = require('minisearch');
  const index = new MiniSearch({ fields: FIELDS, ...options });
  index.addAll(docs);
  return {
    search: (text, k) =>
      index
        .search(text)
        .slice(0, k)
        .map(({ id }) => id),
    add: (doc) => index.add(doc),
  };
}

function orama(docs) {
  const { create, insertMultiple, search } = require('@orama/orama');
  const db = create({ schema: { id: 'string', title: 'string', text: 'string' } });
  insertMultiple(
    db,
    docs.map(({ id, title, text }) => ({ id: String(id), title, text })),
    docs.length,
  );
  return { search: (term, limit) => search(db, { term, limit, properties: FIELDS }).hits.map(({ id }) => id) };
}

function flexsearch(docs) {
  const { Document } = require('flexsearch');
  const index = new Document({ document: { id: 'id', index: FIELDS } });
  for (const doc of docs) index.add(doc);
  const search = (text, limit) => {
    const ids = index.search(text, { limit, suggest: true }).flatMap(({ result }) => result);
    return [...new Set(ids)].slice(0, limit);
  };
  return { search };
}

function lunr(docs) {
  const build = require('lunr');
  const index = build(function () {
    this.ref('id');
    for (const field of FIELDS) this.field(field);
    for (const doc of docs) this.add(doc);
  });
  // Its query language would take signs of a question for operators.
  const plain = (text) => text.replace(/[^\p{L}\p{N}\s]/gu, ' ');
  return {
    search: (text, k) =>
      index
        .search(plain(text))
        .slice(0, k)
        .map(({ ref }) => ref),
  };
}

function wink(docs) {
  const engine = require('wink-bm25-text-search')();
  const nlp = require('wink-nlp-utils');
  engine.defineConfig({ fldWeights: { title: 1, text: 1 } });
  engine.definePrepTasks([nlp.string.lowerCase, nlp.string.tokenize0, nlp.tokens.removeWords, nlp.tokens.stem]);
  for (const doc of docs) engine.addDoc({ title: doc.title, text: doc.text }, doc.id);
  engine.consolidate();
  return { search: (text, k) => engine.search(text, k).map(([id]) => id) };
}
