// Memory of a page and its workers as the browser counts it: JS heaps and array buffers after a forced collection of garbage.

/** Bytes of the page and of each worker. WebAssembly memories are not in them. */
export async function heaps({ context, page }) {
  const devtools = await context.newCDPSession(page);
  const workers = [];
  const answers = new Map();
  let calls = 0;
  devtools.on('Target.attachedToTarget', (worker) => workers.push(worker));
  devtools.on('Target.receivedMessageFromTarget', ({ message }) => {
    const { id, result } = JSON.parse(message);
    answers.get(id)?.(result);
  });
  const ask = (sessionId, method) =>
    new Promise((done, fail) => {
      const id = ++calls;
      answers.set(id, done);
      const message = JSON.stringify({ id, method });
      devtools.send('Target.sendMessageToTarget', { sessionId, message }).catch(fail);
    });
  await devtools.send('Target.setAutoAttach', { autoAttach: true, waitForDebuggerOnStart: false, flatten: false });
  const bytes = ({ usedSize, embedderHeapUsedSize = 0, backingStorageSize = 0 }) =>
    usedSize + embedderHeapUsedSize + backingStorageSize;
  const out = { page: 0, workers: 0 };
  // Twice: what one collection lets go of may be all that another thing hung on.
  for (let i = 0; i < 2; i++) {
    await page.waitForTimeout(500);
    await devtools.send('HeapProfiler.collectGarbage');
    out.page = bytes(await devtools.send('Runtime.getHeapUsage'));
    out.workers = 0;
    for (const { sessionId } of workers) {
      await ask(sessionId, 'HeapProfiler.collectGarbage');
      out.workers += bytes(await ask(sessionId, 'Runtime.getHeapUsage'));
    }
  }
  if (workers.length === 0) throw new Error('no worker was seen');
  await devtools.detach();
  return out;
}
