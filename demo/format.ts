// Numbers, sizes and times as the page writes them.
import type { CommitInfo, WriteReport } from 'aetherv';

const whole = new Intl.NumberFormat('en');
const dayOnly = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short' });
const dayAndYear = new Intl.DateTimeFormat('en', { day: 'numeric', month: 'short', year: 'numeric' });
const dateTime = new Intl.DateTimeFormat('en', { dateStyle: 'medium', timeStyle: 'short' });
const clock = new Intl.DateTimeFormat('en', { hour: '2-digit', minute: '2-digit', hour12: false });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'auto', style: 'short' });

export const count = (value: number): string => whole.format(value);

/** "1 document", "3 documents". */
export const plural = (value: number, noun: string): string => `${count(value)} ${noun}${value === 1 ? '' : 's'}`;

export const shortId = (id: string): string => id.slice(0, 7);

export function bytes(value: number): string {
  if (value < 1024) return `${value} B`;
  const kilo = value / 1024;
  return kilo < 1000 ? `${kilo.toFixed(kilo < 10 ? 1 : 0)} KB` : `${(kilo / 1024).toFixed(1)} MB`;
}

export function milliseconds(value: number): string {
  if (value >= 1000) return `${(value / 1000).toFixed(1)} s`;
  return `${value < 10 ? value.toFixed(1) : Math.round(value)} ms`;
}

export const fullTime = (time: number): string => dateTime.format(time);
/** The day, with its year unless it is this one. */
function date(time: number): string {
  const thisYear = new Date(time).getFullYear() === new Date().getFullYear();
  return (thisYear ? dayOnly : dayAndYear).format(time);
}

/** "just now", "5 min. ago", "14:05" earlier today, else the date. */
export function ago(time: number, now = Date.now()): string {
  const minutes = Math.round((now - time) / 60_000);
  if (minutes < 1) return 'just now';
  if (minutes < 60) return relative.format(-minutes, 'minute');
  const today = new Date(time).toDateString() === new Date(now).toDateString();
  return today ? clock.format(time) : date(time);
}

/** The receipt of an edit in one sentence. */
export function reuse(report: Pick<WriteReport, 'chunks' | 'embedded' | 'reused'> & { skipped?: number }): string {
  const without = report.skipped ? `, ${count(report.skipped)} without a vector` : '';
  return `${count(report.embedded)} of ${plural(report.chunks, 'chunk')} re-embedded, ${count(report.reused)} reused${without}`;
}

/** What a write of several documents did. */
export function outcome(report: WriteReport): string {
  const parts = (['added', 'updated', 'unchanged', 'deleted'] as const)
    .filter((part) => report[part] > 0)
    .map((part) => `${count(report[part])} ${part}`);
  return `${parts.join(', ')}: ${plural(report.embedded, 'chunk')} embedded, ${count(report.reused)} reused`;
}

/** A commit's first line. */
export const subject = (commit: Pick<CommitInfo, 'message'>): string =>
  commit.message.split('\n', 1)[0]?.replaceAll('`', '') || 'No message';

/** When the commit was first made, for one that was replayed from another history: its `Date:` line. */
export function originalTime(commit: Pick<CommitInfo, 'message'>): number | undefined {
  const stated = /^Date: (\S+)$/m.exec(commit.message)?.[1];
  const time = stated ? Date.parse(stated) : Number.NaN;
  return Number.isNaN(time) ? undefined : time;
}

/** When a commit was made, in short: where it was first made, if it was replayed. */
export function moment(commit: Pick<CommitInfo, 'message' | 'time'>): string {
  const first = originalTime(commit);
  return first === undefined ? ago(commit.time) : date(first);
}
