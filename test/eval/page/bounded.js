// The writes of bounded-bytes: notes put at once, then one edit a commit.
import { verb } from '/eval/history.js';
import { document, edit, firstNotes } from '/eval/notes.js';

/** Puts the `count` notes as they are after commit `from`, then performs the commits up to `to`. */
export async function write(handle, count, from, to) {
  const notes = firstNotes(count);
  for (let n = 1; n <= from; n++) edit(notes, n);
  await verb(
    handle,
    'put',
    notes.map((_, note) => document(notes, note)),
  );
  for (let n = from + 1; n <= to; n++) {
    const note = edit(notes, n);
    await verb(handle, 'put', document(notes, note), { message: `edit ${n}` });
  }
}
