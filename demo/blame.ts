// A document sentence by sentence, each beside the commit that brought it.
import type { BlameLine } from 'aetherv';
import { button, h } from './dom.ts';
import { moment, shortId, subject } from './format.ts';
import type { Session } from './session.ts';

/** The sentences of a document where the branch stands. */
export async function blameView(session: Session, id: string): Promise<HTMLElement> {
  const lines = (await session.read((db) => db.blame(id))) ?? [];
  if (lines.length === 0) return h('p', { class: 'none' }, 'No sentence of this document is there now.');
  const rows = lines.map((line, at) => row(session, line, lines[at - 1]?.commit === line.commit));
  return h('div', { class: 'blame', role: 'table', 'aria-label': `Who wrote ${id}` }, ...rows);
}

/** Sentences of one commit in a row name it once. */
function row(session: Session, line: BlameLine, same: boolean): HTMLElement {
  const title = `${subject(line)}\nCommit ${line.commit}`;
  const go = button({ class: 'link', title }, () => void session.lookAt(line.commit), subject(line));
  const about = h('span', { class: 'moment' }, `${moment(line)} · ${shortId(line.commit)}`);
  return h(
    'div',
    { class: same ? 'blame-row' : 'blame-row first', role: 'row' },
    h('div', { class: 'blame-commit', role: 'cell' }, ...(same ? [] : [go, about])),
    h('div', { class: 'blame-text', role: 'cell' }, line.text),
  );
}
