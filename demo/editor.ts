// Edits one document's text as it is, and saves it as a commit with a message.
import type { Doc } from 'aetherv';
import { button, fill, h, on } from './dom.ts';

export interface EditorOptions {
  readonly doc: Doc;
  /** What was typed before and not saved. */
  readonly draft: string | undefined;
  /** Hears of every change that is not saved yet; undefined when it is dropped. */
  readonly keep: (draft: string | undefined) => void;
  /** Where the cursor starts, an offset into the text. */
  readonly at: number;
  /** Resolves to false when nothing was saved. */
  readonly save: (text: string, message: string) => Promise<boolean>;
  readonly cancel: () => void;
}

/** Shows the editor in `panel`, the cursor in its text. */
export function edit(panel: HTMLElement, { doc, draft, keep, at, save, cancel }: EditorOptions): void {
  const label = `Edit ${doc.id}`;
  const area = h('textarea', { id: 'text', class: 'source', spellcheck: 'false', rows: 24 });
  // A textarea has line feeds only.
  const crlf = doc.text.includes('\r\n') && !/(?:^|[^\r])\n/.test(doc.text);
  area.value = doc.text;
  const before = area.value;
  if (draft !== undefined) area.value = draft;
  const message = h('input', { id: 'message', type: 'text', placeholder: label, autocomplete: 'off', maxlength: 200 });
  const warning = h('p', { class: 'unsaved', role: 'status' });
  const submit = h('button', { type: 'submit', class: 'primary' }, 'Save');

  const leave = () => {
    if (area.value === before || warning.hasChildNodes()) {
      keep(undefined);
      return cancel();
    }
    warning.append('There are unsaved changes. Press Esc or Cancel once more to drop them.');
  };
  const store = async () => {
    submit.disabled = true;
    const text = crlf ? area.value.replaceAll('\n', '\r\n') : area.value;
    submit.disabled = await save(text, message.value.trim() || label);
  };
  const form = h(
    'form',
    { class: 'editor', 'aria-label': label },
    h('label', { for: 'text', class: 'document-facts' }, doc.id),
    area,
    h(
      'div',
      { class: 'editor-bar' },
      h('label', { for: 'message', class: 'unseen' }, 'Message of the commit'),
      message,
      button({ class: 'quiet' }, leave, 'Cancel'),
      submit,
    ),
    h('p', { class: 'hint' }, 'Ctrl+Enter saves, Esc cancels. Only chunks that change are embedded again.'),
    warning,
  );
  on(form, {
    submit: (event) => {
      event.preventDefault();
      void store();
    },
    keydown: (event) => {
      const saves = (event.ctrlKey || event.metaKey) && (event.key === 'Enter' || event.key === 's');
      if (saves) form.requestSubmit();
      else if (event.key === 'Escape') leave();
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
    input: () => {
      keep(area.value);
      warning.replaceChildren();
    },
  });
  fill(panel, form);
  placeCursor(area, doc.text, at);
}

/** Puts the cursor at an offset of the given text and scrolls there. */
function placeCursor(area: HTMLTextAreaElement, text: string, at: number): void {
  const offset = text.slice(0, at).replaceAll('\r\n', '\n').length;
  area.setSelectionRange(offset, offset);
  // Browsers scroll to the cursor when the element takes the focus.
  area.focus();
}
