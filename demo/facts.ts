// What the open database is made of, and what of this browser it uses and why.
import type { Capabilities, Info } from 'aetherv';
import { button, byId, fill, h } from './dom.ts';
import { bytes, count, milliseconds, plural } from './format.ts';
import type { Session } from './session.ts';

type Row = readonly [name: string, value: string, why?: string];

export function factsPanel(session: Session): void {
  const list = byId('facts', HTMLElement);
  const reasons = byId('reasons', HTMLElement);
  session.store.watch(['info', 'capabilities', 'phase'], ({ info, capabilities }) => {
    const rows = [...(info ? contents(info) : []), ...(capabilities ? machine(capabilities, info) : [])];
    fill(list, ...rows.map(([name, value, why]) => h('div', { title: why }, h('dt', {}, name), h('dd', {}, value))));
    const explained = rows.filter((row) => row[2]);
    fill(reasons, ...explained.flatMap(([name, , why]) => [h('dt', {}, name), h('dd', {}, why)]));
    byId('role', HTMLElement).hidden = info?.role !== 'reader';
  });
  resetButton(session);
  // Open where there is room beside the history, and where it is a panel of its own.
  const roomy = matchMedia('(max-width: 760px), (min-width: 1181px) and (min-height: 720px)');
  const details = byId('facts-details', HTMLDetailsElement);
  const unfold = () => {
    details.open = roomy.matches;
  };
  roomy.addEventListener('change', unfold);
  unfold();
}

function contents(info: Info): Row[] {
  const { documents, chunks, chunkVersions, contents: vectors, segments, walFrames, embedding } = info;
  return [
    ['Now', `${plural(documents, 'document')}, ${plural(chunks, 'chunk')}`],
    ['Ever', plural(chunkVersions, 'chunk version'), 'Every version of every chunk that was ever stored.'],
    [
      'Vectors',
      `${count(vectors)} × ${embedding.dims}`,
      'One for each distinct text: copies, renames and undone edits share theirs.',
    ],
    ['Stored', bytes(info.bytes)],
    [
      'Segments',
      `${count(segments)}, and ${plural(walFrames, 'log frame')}`,
      'Immutable segments, and frames of the write-ahead log since the last flush.',
    ],
  ];
}

function machine(capabilities: Capabilities, info: Info | undefined): Row[] {
  const { wasm, gpu, storage, space, worker } = capabilities;
  const kind = storage.kind === 'memory' ? 'Memory' : 'IndexedDB';
  const builds = { relaxed: 'Relaxed SIMD', simd128: 'SIMD', scalar: 'Scalar' } as const;
  const role = info?.role === 'reader' ? 'Reader' : 'Writer';
  const opened = info ? `, opened in ${milliseconds(info.openMs)}` : '';
  return [
    ['Engine', `${builds[wasm.build]} WASM`, wasm.why],
    ['GPU', gpu.adapter ?? 'None', gpu.why],
    ['Storage', storage.kind === 'memory' ? kind : `${kind}, ${storage.durability}`, storage.why],
    ['This tab', `${role}${opened}`, `One tab writes, the others read and follow. ${worker.how}`],
    ['Space', space.id, space.why],
  ];
}

/** Deleting everything asks once more, in place. */
function resetButton(session: Session): void {
  const holder = byId('reset', HTMLElement);
  const calm = () => fill(holder, button({ class: 'quiet small' }, ask, 'Delete this database'));
  const sure = () => {
    calm();
    void session.reset();
  };
  const ask = () => {
    const yes = button({ class: 'plain danger small' }, sure, 'Delete all versions');
    fill(holder, button({ class: 'quiet small' }, calm, 'Keep'), yes);
    yes.focus();
  };
  calm();
}
