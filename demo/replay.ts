// Replays a document history into a database: what is older in one commit, then every commit with its message.
import type { AetherV, Doc, Progress } from 'aetherv';
import { PutProgress } from './put-progress.ts';

interface Change {
  readonly path: string;
  readonly op: 'add' | 'modify' | 'delete' | 'rename';
  /** The whole new text; null for a delete, and for a rename that changes nothing. */
  readonly text: string | null;
  readonly from?: string;
}

interface Commit {
  readonly sha: string;
  readonly time: string | null;
  readonly message: string;
  readonly changes: readonly Change[];
}

export interface ReplayProgress {
  /** The commit under way, from 1; 0 while the history is loaded. */
  readonly step: number;
  /** Of how many, where known. */
  readonly steps: number | undefined;
  /** How far its put is. */
  readonly put: PutProgress;
}

export interface ReplayOptions {
  /** How many of the newest commits are replayed one by one. Default: all. */
  readonly depth: number | undefined;
  /** How many commits the history has; needed with `depth`. */
  readonly total: number | undefined;
  /** The last commit that an earlier run has written, by `sha`: goes on after it. */
  readonly after: string | undefined;
  readonly signal: AbortSignal;
  readonly onProgress: (progress: ReplayProgress) => void;
}

export async function replay(db: AetherV, url: string, options: ReplayOptions): Promise<void> {
  const { depth, total, after, signal, onProgress } = options;
  const folded = depth !== undefined && total !== undefined ? Math.max(0, total - depth) : 0;
  const steps = total === undefined ? undefined : total - folded + (folded > 0 ? 1 : 0);
  const texts = new Map<string, string>();
  let resumed = after === undefined;
  let index = 0;
  let step = 0;
  onProgress({ step, steps, put: new PutProgress() });
  for await (const commit of commitsOf(url, signal)) {
    signal.throwIfAborted();
    const effect = apply(texts, commit.changes);
    index += 1;
    if (index < folded) continue;
    step += 1;
    if (resumed) {
      const put = new PutProgress();
      const tell = () => onProgress({ step, steps, put });
      tell();
      const baseline = index === folded;
      const message = baseline ? `State before the last ${depth} commits` : commit.message;
      const all = { put: [...texts].map(([id, text]) => docOf(id, text)), gone: [] };
      await write(db, baseline ? all : effect, { ...commit, message }, signal, (progress) => {
        put.take(progress);
        tell();
      });
    }
    resumed ||= commit.sha === after;
  }
}

/** A document; its topmost folder is what the page groups by. */
function docOf(id: string, text: string): Doc {
  const [folder = ''] = id.includes('/') ? id.split('/') : [];
  return folder === '' ? { id, text } : { id, text, meta: { folder } };
}

/** What a commit writes and removes; `texts` follows. */
function apply(texts: Map<string, string>, changes: readonly Change[]): { put: Doc[]; gone: string[] } {
  const put = new Map<string, Doc>();
  const gone = new Set<string>();
  for (const { path, op, text, from } of changes) {
    const whole = text ?? texts.get(from ?? path);
    const old = op === 'rename' ? from : op === 'delete' ? path : undefined;
    if (old !== undefined && texts.delete(old)) gone.add(old);
    if (op === 'delete' || whole === undefined) continue;
    texts.set(path, whole);
    put.set(path, docOf(path, whole));
    gone.delete(path);
  }
  return { put: [...put.values()], gone: [...gone] };
}

/** One commit, or two where it also removes documents; the last one names its origin, so that a broken-off replay can go on. */
async function write(
  db: AetherV,
  { put, gone }: { put: readonly Doc[]; gone: readonly string[] },
  commit: Pick<Commit, 'sha' | 'time' | 'message'>,
  signal: AbortSignal,
  onProgress: (progress: Progress) => void,
): Promise<void> {
  const dated = commit.time === null ? commit.message : `${commit.message}\n\nDate: ${commit.time}`;
  const origin = `${dated}${commit.time === null ? '\n\n' : '\n'}Commit: ${commit.sha}`;
  if (put.length > 0) await db.put([...put], { message: gone.length > 0 ? dated : origin, signal, onProgress });
  if (gone.length > 0) await db.delete([...gone], { message: origin, signal });
}

/** The origin of a replayed commit. */
export function originOf(message: string): string | undefined {
  return /^Commit: (\S+)$/m.exec(message)?.[1];
}

/** The commits of a packed history (one JSON line each), oldest first. */
async function* commitsOf(url: string, signal: AbortSignal): AsyncGenerator<Commit> {
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`The history ${url} could not be loaded: HTTP ${response.status}.`);
  const packed = new Uint8Array(await response.arrayBuffer());
  // Some servers unpack .gz files on their way.
  const zipped = packed[0] === 0x1f && packed[1] === 0x8b;
  const plain = new Blob([packed]).stream();
  const stream = zipped ? plain.pipeThrough(new DecompressionStream('gzip')) : plain;
  const reader = stream.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    const lines = (rest + piece.value).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line) yield JSON.parse(line) as Commit;
  }
  if (rest) yield JSON.parse(rest) as Commit;
}

/** The first commit of many holds all that is older: it counts as half of the work. */
export function shareOfReplay(step: number, steps: number | undefined, share: number): number | undefined {
  if (steps === undefined || step === 0) return undefined;
  if (steps === 1) return share;
  return step === 1 ? share / 2 : 0.5 + (0.5 * (step - 2 + share)) / (steps - 1);
}
