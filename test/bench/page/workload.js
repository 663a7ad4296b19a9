// The writes of the kill harness: a seeded sequence that the page performs and the harness, outside the browser, can recompute.

const words =
  'commit page shard frame vector query index merge river stone cloud paper lamp forest signal copper harbor violet'.split(
    ' ',
  );

function uniformOf(seed, n) {
  let state = (seed ^ Math.imul(n, 0x9e3779b1)) | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * The n-th write (from 1) on a database that holds `state` (a map from id to text): mostly one to three documents, new ones and edits;
 * every eighth a batch of sixty; now and then a deletion.
 */
export function operation(seed, n, state) {
  const uniform = uniformOf(seed, n);
  const below = (count) => Math.floor(uniform() * count);
  if (n % 8 === 4 && state.size > 20) {
    const ids = [...state.keys()];
    return { put: [], drop: [ids[below(ids.length)]] };
  }
  const count = n % 8 === 0 ? 60 : 1 + below(3);
  const put = new Map();
  while (put.size < count) {
    const id = `note-${below(240)}.md`;
    put.set(id, { id, text: text(n, id, below) });
  }
  return { put: [...put.values()], drop: [] };
}

function text(n, id, below) {
  const paragraph = () => Array.from({ length: 10 + below(50) }, () => words[below(words.length)]).join(' ');
  const sections = Array.from(
    { length: 1 + below(4) },
    (_, i) => `## Part ${i + 1}\n\n${paragraph()}\n\n${paragraph()}.`,
  );
  return `# ${id}\n\nWritten by write number${n}.\n\n${sections.join('\n\n')}\n`;
}

/** Brings `state` past a write. */
export function perform(state, { put, drop }) {
  for (const { id, text } of put) state.set(id, text);
  for (const id of drop) state.delete(id);
}
