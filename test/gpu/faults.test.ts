// A GPU that fails, in real Chromium: every query is answered as by a database without one, the failure is counted, and the device is got again
// at most twice.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GpuSite } from './site.ts';

let site: GpuSite;
beforeAll(async () => {
  site = await GpuSite.start();
});
afterAll(() => site.stop());

interface Answer {
  readonly same: boolean;
  readonly path: string;
  readonly why: string;
}
interface Survived {
  readonly before: Answer;
  readonly during: Answer;
  readonly after: Answer;
  readonly struck: number;
  readonly faults: Record<string, number>;
  readonly metrics: Record<string, number>;
}

const FAULTS = [
  ['the device is lost', { kind: 'lost', at: 'GPUQueue.submit' }, 'lost'],
  ['WebGPU refuses a call', { kind: 'validation', at: 'GPUDevice.createBindGroup' }, 'validation'],
  ['memory runs out', { kind: 'memory', at: 'GPUDevice.createBuffer' }, 'memory'],
  ['what is read is anything', { kind: 'garbage', at: 'GPUBuffer.getMappedRange' }, 'numbers'],
  ['nothing ever comes back', { kind: 'hang', at: 'GPUBuffer.mapAsync' }, 'timeout'],
] as const;

describe.each(['vectors', 'texts', 'clusters'])('a batch of %s during which', (of) => {
  it.each(FAULTS)('%s has the hits of a scan, and so has the next', async (_, fault, kind) => {
    const seen = await site.call<Survived>('faults', 'survive', fault, 11, of);
    expect(seen.before).toMatchObject({ same: true, path: 'gpu' });
    expect(seen).toMatchObject({ struck: 1, faults: { [kind]: 1 }, metrics: { [`gpu_faults_${kind}_total`]: 1 } });
    expect(seen.during.same).toBe(true);
    // Not at once: the next batch is answered without it.
    expect(seen.after).toMatchObject({ same: true, path: 'cpu', why: expect.stringContaining(kind) });
  });
});

it('a batch during which rows that the GPU has are no numbers is found out, and answered by a scan', async () => {
  const { struck, answers } = await site.call<{ struck: number; answers: Answer[] }>('faults', 'poisoned', 5);
  expect(struck).toBe(1);
  for (const { same } of answers) expect(same).toBe(true);
});

it.each([1, 2])(
  'a batch that is lost between its submissions, before number %s, has the hits of a scan',
  async (skip) => {
    const seen = await site.call<{ before: Answer; during: Answer; struck: number }>('faults', 'between', skip, 13);
    expect(seen.before).toMatchObject({ same: true, path: 'gpu' });
    expect(seen.during).toMatchObject({ same: true, path: 'cpu', why: expect.stringContaining('lost') });
    expect(seen.struck).toBe(1);
  },
);

describe.each([
  ['shader', 'a shader does not validate', 'GPUDevice.createShaderModule'],
  ['limits', 'the device would not have the limits that are needed', 'GPUAdapter.requestDevice'],
])('%s: where %s', (kind, _, at) => {
  it('`force` is refused with the reason, and `auto` opens', async () => {
    const seen = await site.call<Record<string, { code: string; message: string }>>('faults', 'openedWith', `?${kind}`);
    expect(seen).toMatchObject({ auto: { code: 'none' }, force: { code: 'AV_GPU' } });
    expect(seen.force?.message).toMatch(/validation: .{10,}Open with gpu: 'auto'\.$/s);
  });

  it.each(['vectors', 'texts'])(
    'a batch of %s that would have had a device again has the hits of a scan',
    async (of) => {
      const seen = await site.call<Survived>('faults', 'survive', { kind, at, early: true }, 19, of);
      expect(seen).toMatchObject({ struck: 1, faults: { lost: 1, validation: 1 } });
      expect(seen.during).toMatchObject({ same: true, path: 'cpu', why: expect.stringContaining('validation') });
      expect(seen.after).toMatchObject({ same: true, path: 'cpu' });
    },
  );
});

it('pipelines compiled after the warm-up are counted as they are from outside: none by the engine, and those that are caused', async () => {
  interface Compiled {
    outside: number;
    all: number;
    late: number;
  }
  const seen = await site.call<{ warm: Compiled; batch: Compiled; later: Compiled; same: boolean; path: string }>(
    'faults',
    'lateCompiles',
    7,
  );
  const { outside } = seen.warm;
  expect(outside).toBeGreaterThan(10);
  expect(seen).toMatchObject({ same: true, path: 'gpu' });
  expect(seen.warm).toEqual({ outside, all: outside, late: 0 });
  expect(seen.batch).toEqual(seen.warm);
  expect(seen.later).toEqual({ outside: outside + 2, all: outside + 2, late: 2 });
});

it('a device is got again twice in a session, not sooner than after ten seconds, and then never', async () => {
  const seen = await site.call<Answer[]>('faults', 'again', 3);
  expect(seen.map(({ same }) => same)).toEqual(seen.map(() => true));
  expect(seen.map(({ path }) => path)).toEqual(['gpu', 'cpu', 'cpu', 'gpu', 'cpu', 'gpu', 'cpu', 'cpu']);
});

it('without an adapter `auto` stays on the CPU, `force` is refused, and an adapter that goes away later is done without', async () => {
  const seen = await site.call<{ codes: string[]; answers: Answer[] }>('faults', 'noAdapter', 3);
  expect(seen.codes).toEqual(['none', 'AV_GPU']);
  for (const answer of seen.answers) expect(answer).toMatchObject({ same: true, path: 'cpu' });
});

// The last: after it this browser gives no adapter any more.
it('a GPU process that is killed, twice, is done without: every batch has the hits of a scan, and none waits for it', async () => {
  await site.call('faults', 'keep', 17);
  const answers = [await site.call<Answer>('faults', 'askKept')];
  for (let i = 0; i < 2; i++) {
    const during = site.call<Answer>('faults', 'askKept');
    site.killGpuProcess();
    answers.push(await during, await site.call<Answer>('faults', 'askKept'));
    await site.call('faults', 'forward', 11_000);
    // The browser starts another one, or gives no adapter any more.
    answers.push(await site.call<Answer>('faults', 'askKept'));
  }
  const info = await site.call<{ faults: Record<string, number>; reacquired: number }>('faults', 'endKept');
  expect(answers.map(({ same }) => same)).toEqual(answers.map(() => true));
  expect(answers[0]?.path).toBe('gpu');
  expect(info.faults.lost).toBeGreaterThanOrEqual(1);
  expect(info.reacquired).toBeLessThanOrEqual(2);
});
