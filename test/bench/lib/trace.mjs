// Records a Chromium trace of a page and finds the longest task of its main thread.
const categories = ['toplevel', 'devtools.timeline', 'disabled-by-default-devtools.timeline'];

/** Traces while `work` runs; resolves to `{ result, events }`. */
export async function traced(page, work) {
  const session = await page.context().newCDPSession(page);
  const done = new Promise((resolve) => session.once('Tracing.tracingComplete', resolve));
  await session.send('Tracing.start', {
    transferMode: 'ReturnAsStream',
    traceConfig: { includedCategories: categories },
  });
  const result = await work();
  await session.send('Tracing.end');
  const { stream } = await done;
  const pieces = [];
  for (let eof = false; !eof; ) {
    const part = await session.send('IO.read', { handle: stream, size: 1 << 22 });
    pieces.push(part.base64Encoded ? Buffer.from(part.data, 'base64').toString('utf8') : part.data);
    eof = part.eof;
  }
  await session.detach();
  return { result, events: JSON.parse(pieces.join('')).traceEvents };
}

/**
 * The longest RunTask on the main thread of the renderer that shows `url`, in milliseconds of thread time (CPU, so that other
 * processes do not count), its wall time, and how many tasks there were.
 */
export function longestTask(events, url) {
  const frames = events.flatMap(({ name, args }) =>
    name === 'TracingStartedInBrowser' ? args.data.frames : name === 'FrameCommittedInBrowser' ? [args.data] : [],
  );
  const pid = frames.find((frame) => frame.url === url)?.processId;
  const main = events.find((e) => e.name === 'thread_name' && e.pid === pid && e.args.name === 'CrRendererMain');
  if (pid === undefined || !main) throw new Error(`the trace does not show the renderer of ${url}`);
  const tasks = events.filter(
    (e) => e.ph === 'X' && e.pid === pid && e.tid === main.tid && e.name.endsWith('RunTask') && e.tdur !== undefined,
  );
  const longest = tasks.reduce((worst, task) => (task.tdur > worst.tdur ? task : worst), { tdur: 0, dur: 0 });
  return { ms: longest.tdur / 1000, wallMs: longest.dur / 1000, tasks: tasks.length };
}
