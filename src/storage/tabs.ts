// What tabs tell each other: that a database has new frames or a new manifest.

import { tabChannel } from '../protocol/names.ts';

/** A message between tabs; `v` is the version of this union. */
export interface TabMessage {
  readonly v: 1;
  readonly kind: 'changed';
  readonly epoch: number;
  readonly seq: number;
}

/** A channel per database. */
export interface Tabs {
  announce(epoch: number, seq: number): void;
  close(): void;
}

/** Joins the channel of a database; messages of another version or shape are ignored. */
export function joinTabs(name: string, onChange: (message: TabMessage) => void): Tabs {
  if (typeof BroadcastChannel === 'undefined') return { announce: () => undefined, close: () => undefined };
  const channel = new BroadcastChannel(tabChannel(name));
  channel.onmessage = ({ data }: MessageEvent<unknown>) => {
    if (isTabMessage(data)) onChange(data);
  };
  return {
    announce: (epoch, seq) => channel.postMessage({ v: 1, kind: 'changed', epoch, seq } satisfies TabMessage),
    close: () => channel.close(),
  };
}

function isTabMessage(data: unknown): data is TabMessage {
  if (typeof data !== 'object' || data === null) return false;
  const { v, kind, epoch, seq } = data as Partial<TabMessage>;
  return v === 1 && kind === 'changed' && Number.isSafeInteger(epoch) && Number.isSafeInteger(seq);
}
