// Deterministic notes and edits of them, for the rows that need more commits than a stream has; the harness can make them too.

const syllables = 'ba ce di fo gu ha ke li mo nu pa re si to vu wa xe yi zo qua'.split(' ');

/** A word of three syllables: 8,000 of them. */
const word = (n) => [n, n / 20, n / 400].map((part) => syllables[Math.floor(part) % 20]).join('');

/** A whole number from some others, well mixed. */
export function mixed(...numbers) {
  let hash = 0x9e3779b9;
  for (const number of numbers) {
    hash = Math.imul(hash ^ number, 0x85ebca6b);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
    hash ^= hash >>> 16;
  }
  return hash >>> 0;
}

export const paragraphsEach = 5;

/** About thirty words that no other triple gives. */
export function paragraph(note, at, version) {
  const words = Array.from({ length: 26 + (mixed(note, at, version) % 9) }, (_, i) =>
    word(mixed(note, at, version, i) % 8000),
  );
  return `${words.join(' ')}.`;
}

/** `count` notes, each a list of the versions of its paragraphs: the number of the commit that wrote it, 0 at first. */
export const firstNotes = (count) => Array.from({ length: count }, () => Array(paragraphsEach).fill(0));

/** Brings notes past commit `n` (from 1): one paragraph of one note is written anew. The number of the note. */
export function edit(notes, n) {
  const note = mixed(n, 1) % notes.length;
  notes[note][mixed(n, 2) % paragraphsEach] = n;
  return note;
}

/** About 150 words. */
export function document(notes, note) {
  const body = notes[note].map((version, at) => paragraph(note, at, version));
  return { id: `note-${note}.md`, text: `# Note ${note}\n\n${body.join('\n\n')}\n` };
}
