// The engine worker in a browser where somebody else has every file of the private file system open that is to be read.
import '/aetherv/workers/engine.worker.js';

const create = FileSystemFileHandle.prototype.createSyncAccessHandle;
FileSystemFileHandle.prototype.createSyncAccessHandle = function (options) {
  if (options?.mode === 'read-only') return Promise.reject(new DOMException('held', 'NoModificationAllowedError'));
  return create.call(this);
};
