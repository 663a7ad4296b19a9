// The engine worker with a counter around what is handed to IndexedDB: bytes of values and keys, asked for over a channel.
import '/aetherv/workers/engine.worker.js';

let bytes = 0;
let calls = 0;

/** Bytes of a value as it would be written: text in its one- or two-byte form, numbers in eight. */
function size(value) {
  if (value === undefined || value === null || typeof value === 'boolean') return 1;
  if (typeof value === 'number' || value instanceof Date) return 8;
  if (typeof value === 'string') return [...value].every((sign) => sign <= '\u00ff') ? value.length : 2 * value.length;
  if (value instanceof Blob) return value.size;
  if (value instanceof ArrayBuffer || ArrayBuffer.isView(value)) return value.byteLength;
  if (Array.isArray(value)) return value.reduce((sum, item) => sum + size(item), 0);
  if (value instanceof Map) return size([...value.entries()]);
  if (value instanceof Set) return size([...value]);
  return Object.entries(value).reduce((sum, [key, item]) => sum + size(key) + size(item), 0);
}

function count(holder, method) {
  const original = holder.prototype[method];
  holder.prototype[method] = function (...given) {
    calls++;
    bytes += given.reduce((sum, each) => sum + (each === undefined ? 0 : size(each)), 0);
    return original.apply(this, given);
  };
}

for (const method of ['put', 'add']) count(IDBObjectStore, method);
count(IDBCursor, 'update');

const channel = new BroadcastChannel('handed-to-indexeddb');
channel.onmessage = () => {
  channel.postMessage({ bytes, calls });
  bytes = 0;
  calls = 0;
};
