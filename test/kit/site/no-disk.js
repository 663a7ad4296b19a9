// The engine worker in a browser whose private file system gives no files that a worker may read at once.
import '/aetherv/workers/engine.worker.js';

delete FileSystemFileHandle.prototype.createSyncAccessHandle;
