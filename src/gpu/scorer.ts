// The second plane: one adapter, one job at a time. What goes wrong is counted and told, never thrown at a query: whoever asked has another
// plane to answer with.
//
// 1. `ready` finds an adapter, gets its device, compiles all pipelines, measures both planes. A software adapter is used when it is forced alone.
// 2. `nearest` and `assign` take their turns, run within error scopes and against a deadline.
// 3. A failure ends the device. Another one is got at most twice a session, and not at once.

import type { GpuFault, GpuInfo, GpuMode, GpuSpeed, Metrics } from '../model/report.ts';
import type { AssignJob, Candidates, Near, Scorer, ScoreJob } from '../ports/scorer.ts';
import { assign } from './assign.ts';
import { noCounts } from './counts.ts';
import { findAdapter, makePlane, NoAdapter } from './device.ts';
import { nearest, type Plane } from './nearest.ts';
import { K_CODED_MAX, K_MAX } from './tiers.ts';

/** Devices got again after failures, of one session, and how long it waits before each. */
const AGAIN_MAX = 2;
const AGAIN_AFTER_MS = 10_000;
/** A job that takes longer is given up, and with it the device. */
const JOB_MS_MAX = 20_000;

/** What the scorer is given. */
export interface Surroundings {
  readonly mode: GpuMode;
  /** The browser's: to ask for it takes milliseconds. */
  gpu(): GPU | undefined;
  /** Bytes of rows that may lie in the GPU's memory. */
  readonly bytesMax: number;
  now(): number;
  /** Measures both planes on this adapter, or remembers what was measured. */
  measure(plane: Plane, adapter: string): Promise<Speeds | undefined>;
}

/** Of both planes. */
export interface Speeds {
  readonly gpu: GpuSpeed;
  readonly cpu: GpuSpeed;
}

/** A failure of the GPU, by kind. */
class Fault extends Error {
  readonly kind: GpuFault;
  constructor(kind: GpuFault, message: string) {
    super(message);
    this.kind = kind;
  }
}

export class GpuScorer implements Scorer {
  readonly #around: Surroundings;
  #plane: Plane | undefined;
  #making: Promise<void> | undefined;
  #turn: Promise<unknown> = Promise.resolve();
  #adapter: string | undefined;
  #software = false;
  #uses: GpuInfo['uses'] = [];
  #why: string;
  #closed = false;
  /** No adapter will do: not asked again. */
  #given = false;
  #again = 0;
  #lastFault = Number.NEGATIVE_INFINITY;
  /** Ends the job in flight. */
  #onLoss: (fault: Fault) => void = () => undefined;
  #jobs = 0;
  readonly #faults: Partial<Record<GpuFault, number>> = {};
  readonly #counts = noCounts();
  #warm: { readonly pipelines: number; readonly warmupMs: number } = { pipelines: 0, warmupMs: 0 };
  #speeds: Speeds | undefined;
  readonly kMax = K_MAX;
  readonly kCodedMax = K_CODED_MAX;

  constructor(around: Surroundings) {
    this.#around = around;
    this.#why = around.mode === 'off' ? "gpu is 'off'" : 'no batch was large enough to look for an adapter yet';
  }

  get bytesMax(): number {
    return this.#around.bytesMax;
  }

  get info(): GpuInfo {
    return {
      mode: this.#around.mode,
      adapter: this.#adapter,
      software: this.#software,
      uses: this.#uses,
      state: this.#plane ? 'ready' : this.#given || this.#around.mode === 'off' ? 'unavailable' : 'idle',
      why: this.#why,
      ...this.#warm,
      batches: this.#jobs,
      faults: { ...this.#faults },
      reacquired: this.#again,
      bytes: this.#plane?.arena.bytes ?? 0,
      rows: this.#plane?.arena.rows ?? 0,
      speeds: this.#speeds,
    };
  }

  get metrics(): Metrics {
    const { compiled, compiledLate, uploads, uploadedBytes, evictions } = this.#counts;
    const { lost = 0, validation = 0, memory = 0, numbers = 0, timeout = 0 } = this.#faults;
    return {
      gpu_batches_total: this.#jobs,
      gpu_faults_lost_total: lost,
      gpu_faults_validation_total: validation,
      gpu_faults_memory_total: memory,
      gpu_faults_numbers_total: numbers,
      gpu_faults_timeout_total: timeout,
      gpu_reacquired_total: this.#again,
      gpu_pipelines_compiled_total: compiled + compiledLate,
      gpu_pipelines_compiled_after_warmup_total: compiledLate,
      gpu_uploads_total: uploads,
      gpu_uploaded_bytes_total: uploadedBytes,
      gpu_evictions_total: evictions,
      gpu_resident_bytes: this.#plane?.arena.bytes ?? 0,
      gpu_resident_rows: this.#plane?.arena.rows ?? 0,
    };
  }

  async ready(): Promise<void> {
    if (this.#plane || this.#given || this.#closed || this.#around.mode === 'off') return;
    this.#making ??= this.#make().finally(() => {
      this.#making = undefined;
    });
    return this.#making;
  }

  async #make(): Promise<void> {
    const failed = Object.keys(this.#faults).length > 0;
    if (failed) {
      if (this.#again >= AGAIN_MAX) return this.#giveUp(`the GPU failed ${this.#again + 1} times: ${this.#why}`);
      if (this.#around.now() - this.#lastFault < AGAIN_AFTER_MS) return;
      this.#again++;
    }
    try {
      const found = await within(findAdapter(this.#around.gpu()), 'the adapter');
      this.#adapter = found.name;
      this.#software = found.software;
      const { packed, subgroups } = found.offers;
      this.#uses = [...(packed ? (['packed'] as const) : []), ...(subgroups ? (['subgroups'] as const) : [])];
      if (found.software && this.#around.mode !== 'force')
        return this.#giveUp('the adapter is software: it computes on the CPU, slower than the engine does');
      const plane = await within(makePlane(found, this.#around.bytesMax, this.#counts), 'the warm-up');
      try {
        // Before there are jobs: both would write the same buffers.
        this.#speeds ??= await within(this.#around.measure(plane, found.name), 'the calibration');
      } catch (error) {
        plane.device.destroy();
        throw error;
      }
      if (this.#closed) return plane.device.destroy();
      this.#warm = { pipelines: plane.pipelines.count, warmupMs: plane.pipelines.warmupMs };
      this.#why = 'an adapter was found';
      this.#watch(plane);
    } catch (error) {
      if (error instanceof NoAdapter) this.#giveUp(error.message);
      else this.#failed(error);
    }
  }

  #giveUp(why: string): void {
    this.#given = true;
    this.#why = why;
  }

  #watch(plane: Plane): void {
    this.#plane = plane;
    void plane.device.lost.then(({ message }) => {
      if (this.#plane !== plane) return;
      const fault = new Fault('lost', message);
      this.#onLoss(fault);
      this.#failed(fault);
    });
  }

  nearest(job: ScoreJob): Promise<Candidates | undefined> {
    return this.#take((plane) => nearest(plane, job));
  }

  assign(job: AssignJob): Promise<Near | undefined> {
    return this.#take((plane) => assign(plane, job));
  }

  /** One after the other. */
  #take<T>(job: (plane: Plane) => Promise<T | undefined>): Promise<T | undefined> {
    const turn = this.#turn.then(() => this.#run(job));
    this.#turn = turn.catch(() => undefined);
    return turn;
  }

  async #run<T>(job: (plane: Plane) => Promise<T | undefined>): Promise<T | undefined> {
    await this.ready();
    const plane = this.#plane;
    if (!plane) return undefined;
    try {
      const found = await within(
        scoped(plane, () => job(plane), this.#loss()),
        'a batch',
      );
      if (found) this.#jobs++;
      return found;
    } catch (error) {
      this.#failed(error, plane);
      return undefined;
    }
  }

  /** Rejects when the device is lost: for one job, so that nothing of it is left when it is done. */
  #loss(): Promise<never> {
    return new Promise((_, reject) => {
      this.#onLoss = reject;
    });
  }

  distrust(): void {
    this.#failed(new Fault('numbers', 'its scores were wrong'));
  }

  /** Counts a failure and ends the device; the job of another device that fails late changes nothing. */
  #failed(error: unknown, plane = this.#plane): void {
    if (plane !== this.#plane || this.#closed) return;
    const kind = error instanceof Fault ? error.kind : kindOf(error);
    this.#faults[kind] = (this.#faults[kind] ?? 0) + 1;
    this.#why = `${kind}: ${error instanceof Error ? error.message : String(error)}`.slice(0, 200);
    this.#lastFault = this.#around.now();
    this.#plane = undefined;
    this.#end(plane, this.#why);
  }

  close(): void {
    this.#closed = true;
    this.#end(this.#plane, 'the database was closed');
    this.#plane = undefined;
  }

  /** Ends a device. A job that is at work on it need not wait for its deadline to learn of it. */
  #end(plane: Plane | undefined, why: string): void {
    plane?.device.destroy();
    this.#onLoss(new Fault('lost', why));
  }
}

/** Runs with everything that WebGPU says on the side brought back as an error. */
async function scoped<T>({ device }: Plane, run: () => Promise<T>, lost: Promise<never>): Promise<T> {
  device.pushErrorScope('out-of-memory');
  device.pushErrorScope('internal');
  device.pushErrorScope('validation');
  // Of a device that is lost they never come: its loss is told anyway.
  const told = async (): Promise<GPUError | null> => {
    const errors = [device.popErrorScope(), device.popErrorScope(), device.popErrorScope()];
    const [validation, internal, memory] = await Promise.all(errors);
    return memory ?? validation ?? internal ?? null;
  };
  lost.catch(() => undefined);
  let result: T;
  try {
    result = await Promise.race([run(), lost]);
  } catch (error) {
    const said = await Promise.race([told(), lost]).catch((late: unknown) => late);
    throw said instanceof Fault || said instanceof GPUError ? said : error;
  }
  const said = await Promise.race([told(), lost]);
  if (said) throw said;
  return result;
}

function kindOf(error: unknown): GpuFault {
  if (typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError) return 'memory';
  if (error instanceof DOMException && error.name === 'AbortError') return 'lost';
  return 'validation';
}

/** Gives up what takes too long. */
function within<T>(work: Promise<T>, what: string): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new Fault('timeout', `${what} took more than ${JOB_MS_MAX / 1000} seconds`)),
      JOB_MS_MAX,
    );
  });
  return Promise.race([work, late]).finally(() => clearTimeout(timer));
}
