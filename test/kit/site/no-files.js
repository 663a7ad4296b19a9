// The engine worker in a browser that keeps no files in IndexedDB, as some do in private windows.
import '/aetherv/workers/engine.worker.js';

const { put } = IDBObjectStore.prototype;
IDBObjectStore.prototype.put = function (value, key) {
  if (value instanceof Blob) throw new DOMException('files cannot be kept here', 'DataCloneError');
  return put.call(this, value, key);
};
