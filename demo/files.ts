// Takes in files: dropped anywhere on the page, a folder with all it holds, or chosen by button; Markdown and text become documents.
import type { Doc } from 'aetherv';
import { byId, on } from './dom.ts';
import { plural } from './format.ts';
import type { Session } from './session.ts';
import type { Notify } from './toasts.ts';

interface Found {
  readonly path: string;
  readonly file: File;
}

const wanted = /\.(?:md|markdown|mdx|txt|text|rst|adoc|org)$/i;
const hidden = /(?:^|\/)(?:\.|node_modules\/)/;
const bytesMax = 1_048_576;

export function fileIntake(session: Session, notify: Notify): void {
  const take = async (gathering: Promise<readonly Found[]>) => {
    const found = (await gathering).filter(({ path }) => !hidden.test(path));
    const one = found.length === 1 ? found[0]?.path : undefined;
    await session.add(one ?? plural(found.length, 'file'), async (report, signal) => {
      const { docs, left } = await read(found, (share) => report('reading', share), signal);
      if (left.length > 0) notify({ kind: 'warning', text: leftOut(left) });
      else if (docs.length === 0) notify({ kind: 'warning', text: 'There was no file in what was given.' });
      return docs;
    });
  };
  for (const id of ['files', 'folder']) {
    const input = byId(id, HTMLInputElement);
    on(byId(`add-${id}`, HTMLButtonElement), { click: () => input.click() });
    on(input, {
      change: () => {
        const list = [...(input.files ?? [])].map((file) => ({ path: file.webkitRelativePath || file.name, file }));
        input.value = '';
        void take(Promise.resolve(list));
      },
    });
  }
  dropZone((data) => void take(gather(data)));
  session.store.watch(['corpus', 'info'], ({ corpus, info }) => {
    byId('drop-text', HTMLElement).textContent = `Drop to add to: ${corpus.title}`;
    for (const id of ['add-files', 'add-folder']) byId(id, HTMLButtonElement).disabled = info?.role === 'reader';
  });
}

/** The whole page takes what is dropped, and says so while something hovers. */
function dropZone(drop: (data: DataTransfer) => void): void {
  const veil = byId('drop', HTMLElement);
  const hasFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true;
  // Every element that is entered and left tells; the difference says whether the pointer is still over the page.
  let depth = 0;
  const show = (change: number) => {
    depth = Math.max(0, change === 0 ? 0 : depth + change);
    veil.hidden = depth === 0;
  };
  on(document.documentElement, {
    dragenter: (event) => {
      if (hasFiles(event)) show(1);
    },
    dragleave: (event) => {
      if (hasFiles(event)) show(-1);
    },
    dragover: (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      if (event.dataTransfer) event.dataTransfer.dropEffect = 'copy';
    },
    drop: (event) => {
      show(0);
      if (!hasFiles(event) || !event.dataTransfer) return;
      event.preventDefault();
      drop(event.dataTransfer);
    },
  });
}

/** All files of a drop. Entries must be asked for at once: they are gone when the event is over. */
function gather(data: DataTransfer): Promise<readonly Found[]> {
  const entries = [...data.items].map((item) => item.webkitGetAsEntry());
  if (entries.every((entry) => entry === null))
    return Promise.resolve([...data.files].map((file) => ({ path: file.name, file })));
  return Promise.all(entries.map((entry) => (entry ? walk(entry) : []))).then((lists) => lists.flat());
}

async function walk(entry: FileSystemEntry): Promise<Found[]> {
  const path = entry.fullPath.replace(/^\//, '');
  if (hidden.test(`${path}${entry.isDirectory ? '/' : ''}`)) return [];
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return [{ path, file }];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Found[] = [];
  // A reader gives up to 100 entries at a time, and an empty list at the end.
  for (;;) {
    const batch = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (batch.length === 0) return found;
    for (const each of batch) found.push(...(await walk(each)));
  }
}

/** Documents of the files that can be one, and the names of the others with the reason. */
async function read(
  found: readonly Found[],
  tell: (share: number) => void,
  signal: AbortSignal,
): Promise<{ docs: Doc[]; left: string[] }> {
  const docs: Doc[] = [];
  const left: string[] = [];
  for (const [index, { path, file }] of found.entries()) {
    signal.throwIfAborted();
    tell(index / found.length);
    if (!wanted.test(path) && !file.type.startsWith('text/plain')) left.push(`${path} (no Markdown or text)`);
    else if (file.size > bytesMax) left.push(`${path} (over 1 MiB)`);
    else {
      const text = await utf8(file);
      if (text === undefined) left.push(`${path} (not UTF-8)`);
      else docs.push({ id: path, text });
    }
  }
  return { docs, left };
}

async function utf8(file: File): Promise<string | undefined> {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
  } catch {
    return undefined;
  }
}

function leftOut(left: readonly string[]): string {
  const more = left.length > 3 ? `, and ${plural(left.length - 3, 'other')}` : '';
  return `Left out: ${left.slice(0, 3).join(', ')}${more}.`;
}
