// One document: read it as of any commit, edit, restore or delete it.
import type { Doc, Hit, WriteReport } from 'aetherv';
import { button, byId, fill, h, icon } from './dom.ts';
import { edit } from './editor.ts';
import { milliseconds, plural, reuse, shortId, subject } from './format.ts';
import { formatOf, renderText } from './hit.ts';
import { blameView } from './blame.ts';
import type { Session } from './session.ts';
import type { Opened } from './store.ts';

/** What is shown of the opened document; anything that arrives for another view is dropped. */
interface View {
  readonly opened: Opened;
  readonly doc: Doc | undefined;
  readonly report: WriteReport | undefined;
}

export function documentPanel(session: Session): void {
  const { store } = session;
  const panel = byId('document', HTMLElement);
  let turn = 0;
  let editing = false;
  let report: WriteReport | undefined;
  let last: Opened | undefined;
  let lastAsOf: string | undefined;
  /** What was typed and not saved, by document: looking at something else does not lose it. */
  const drafts = new Map<string, string>();
  window.addEventListener('beforeunload', (event) => {
    if (drafts.size > 0) event.preventDefault();
  });

  const show = async () => {
    const { opened, asOf, phase } = store.state;
    turn += 1;
    const mine = turn;
    if (opened !== last || asOf !== lastAsOf) {
      report = undefined;
      editing = false;
    }
    lastAsOf = asOf;
    panel.hidden = opened === undefined;
    if (!opened || phase !== 'ready') return fill(panel);
    if (editing) return;
    const doc = await session.get(opened.id);
    if (mine !== turn) return;
    const fresh = opened !== last;
    last = opened;
    fill(panel, ...reading({ opened, doc, report }));
    if (fresh) arrive(panel, doc && hitIn(doc, opened));
  };

  const keyOf = (id: string) => `${store.state.corpus.name} ${id}`;
  const close = () => store.set({ opened: undefined });

  const change = (doc: Doc, at: number) => {
    const save = async (text: string, message: string) => {
      const saved = await session.put(`Saving ${doc.id}`, [{ ...doc, text }], message);
      if (!saved) return false;
      keep(undefined);
      editing = false;
      report = saved;
      await show();
      byId('scroll', HTMLElement).scrollTop = 0;
      panel.querySelector<HTMLElement>('.report')?.focus({ preventScroll: true });
      return true;
    };
    const cancel = () => {
      editing = false;
      void show();
    };
    const draft = drafts.get(keyOf(doc.id));
    const keep = (text: string | undefined) => {
      if (text === undefined) drafts.delete(keyOf(doc.id));
      else drafts.set(keyOf(doc.id), text);
    };
    editing = true;
    edit(panel, { doc, draft, keep, at, save, cancel });
    byId('scroll', HTMLElement).scrollTop = 0;
  };

  const reading = (view: View): (Node | undefined)[] => {
    const { opened, doc } = view;
    const { asOf, documents, info } = store.state;
    const chunks = documents.find(({ id }) => id === opened.id)?.chunks;
    const tools = h('div', { class: 'tools' });
    const reader = info?.role === 'reader';
    if (doc && asOf === undefined && !reader) {
      tools.append(
        button(
          { class: 'primary' },
          () => change(doc, opened.hit?.range[0] ?? 0),
          icon('edit'),
          drafts.has(keyOf(doc.id)) ? 'Go on editing' : 'Edit',
        ),
      );
      tools.append(blameButton(session, doc.id, panel), deleteButton(session, doc.id));
    } else if (doc && !reader) {
      tools.append(button({ class: 'plain' }, () => void restore(session, doc), icon('restore'), 'Restore this text'));
    }
    const back = button({ class: 'quiet' }, close, icon('back'), store.state.query ? 'Results' : 'Back');
    const head = h('div', { class: 'document-head' }, back, tools);
    const facts = [opened.id, ...(chunks === undefined ? [] : [plural(chunks, 'chunk')])].join(' · ');
    const body = h('article', { class: 'prose document', 'aria-label': opened.id, tabindex: -1 });
    if (doc)
      renderText(body, doc.text, 0, hitIn(doc, opened)?.highlights ?? [], doc.format ?? formatOf(store.state, doc.id));
    else
      body.append(
        h(
          'p',
          { class: 'none' },
          asOf ? 'This document does not exist as of this commit.' : 'This document does not exist.',
        ),
      );
    return [head, h('p', { class: 'document-facts' }, facts), view.report && receipt(session, view.report), body];
  };

  store.watch(['opened', 'asOf', 'commits', 'phase'], () => void show());
}

/** The hit that led here, if the text shown still has its passage at its place. */
function hitIn(doc: Doc, { hit }: Opened): Hit | undefined {
  return hit && doc.text.slice(...hit.range) === hit.text ? hit : undefined;
}

/** Brings the passage that was found into view. */
function arrive(panel: HTMLElement, hit: Hit | undefined): void {
  const found = [...panel.querySelectorAll<HTMLElement>('.document > [data-from]')].filter(({ dataset }) => {
    return hit && Number(dataset.from) < hit.range[1] && Number(dataset.to) > hit.range[0];
  });
  for (const block of found) block.classList.add('found');
  panel.querySelector<HTMLElement>('.document')?.focus({ preventScroll: true });
  const mark = found.map((block) => block.querySelector('mark')).find((each) => each !== null);
  byId('scroll', HTMLElement).scrollTop = 0;
  if (mark) mark.scrollIntoView({ block: 'center' });
  else found[0]?.scrollIntoView({ block: 'start' });
}

/** What the edit cost, and the way back. */
function receipt(session: Session, report: WriteReport): HTMLElement {
  const { commits, query } = session.store.state;
  const parent = commits.find(({ id }) => id === report.commit)?.parents[0];
  const before = commits.find(({ id }) => id === parent);
  const unchanged = report.added + report.updated + report.deleted === 0;
  const durable = report.durable === 'memory' ? 'in memory only' : `durable (${report.durable})`;
  const facts = unchanged
    ? 'The text is the same, so there is no new commit.'
    : `Commit ${shortId(report.commit)} in ${milliseconds(report.ms)}, ${durable}.`;
  const again = button({ class: 'link' }, () => session.store.set({ opened: undefined }), 'Search again');
  const back =
    before &&
    button(
      { class: 'link', title: subject(before) },
      () => void session.lookAt(before.id),
      'See it before this change',
    );
  const headline = unchanged ? 'Nothing changed' : reuse(report);
  return h(
    'div',
    { class: 'report', role: 'status', tabindex: -1 },
    icon('check'),
    h('div', {}, h('strong', {}, headline), h('p', {}, facts)),
    h('div', { class: 'report-links' }, query !== '' && again, !unchanged && back),
  );
}

/** The text as it reads, or sentence by sentence with the commits that brought them. */
function blameButton(session: Session, id: string, panel: HTMLElement): HTMLElement {
  const toggle = async () => {
    const shown = panel.querySelector<HTMLElement>('.document');
    const blamed = panel.querySelector('.blame');
    control.setAttribute('aria-pressed', String(!blamed));
    if (shown) shown.hidden = !blamed;
    if (blamed) blamed.remove();
    else panel.append(await blameView(session, id));
  };
  const control = button({ class: 'quiet', 'aria-pressed': 'false' }, () => void toggle(), 'Blame');
  return control;
}

/** Deleting asks once more, in place. */
function deleteButton(session: Session, id: string): HTMLElement {
  const holder = h('span', { class: 'confirm' });
  const ask = () => {
    const sure = button({ class: 'plain danger' }, () => void session.delete(id), 'Delete from now on');
    fill(holder, button({ class: 'quiet' }, calm, 'Keep'), sure);
    sure.focus();
  };
  const calm = () => fill(holder, button({ class: 'quiet' }, ask, icon('bin'), 'Delete'));
  calm();
  return holder;
}

async function restore(session: Session, doc: Doc): Promise<void> {
  const { asOf } = session.store.state;
  const message = `Restore ${doc.id} as of ${shortId(asOf ?? '')}`;
  const report = await session.put(`Restoring ${doc.id}`, [doc], message);
  if (!report) return;
  await session.lookAt(undefined);
  session.tell(
    report.updated + report.added > 0 ? `${doc.id} is restored: ${reuse(report)}.` : `${doc.id} has this text already.`,
  );
}
