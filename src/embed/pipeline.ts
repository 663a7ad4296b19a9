// The worker side of transformers.js models: loads the model once and answers the requests of all its ports.
//
// Texts become windows of at most `tokensMax` tokens; windows go through the model in batches of like length; the vector of a text is
// the mean of its windows' vectors by tokens, at unit length. Batches run one at a time, those of queries first, and between two
// batches the worker listens: a call that was cancelled goes no further. A text has the same vector whatever comes with it.
// Of a model that scores, a request is one pair, query and text, and its answer one number.
import { toWire, type WireError } from '../base/errors.ts';
import type { EmbedReply, EmbedRequest } from '../ports/embedder.ts';
import { addScaled, type Encoder, type LoadProgress, loadModel, type Model, type Plan, unit } from './model.ts';

/** First the plan, with the name of the Web Lock that the worker holds while it lives; then ports. */
export type ToWorker = { readonly plan: Plan; readonly lock: string } | { readonly port: MessagePort };

export type FromWorker =
  | { readonly about: 'started' }
  | { readonly about: 'progress'; readonly progress: LoadProgress }
  | { readonly about: 'failed'; readonly error: WireError };

/** What a port takes: requests, and the wish to have a request's answer no more. */
type Texts = Exclude<EmbedRequest, { readonly cancel: true }>;

/** A text's part that the model takes at once: its tokens, with the special ones around them. */
interface Window {
  readonly text: number;
  readonly ids: readonly number[];
}

/** One request on its way. */
interface Job {
  readonly port: MessagePort;
  readonly request: Texts;
  /** What is left to run, shortest first, and the sums so far; undefined until the texts have been cut. */
  work?: { readonly windows: Window[]; readonly sums: Float32Array<ArrayBuffer> };
}

/**
 * Windows of a forward pass. Dynamic int8 takes one scale for all activations of a pass, so that neighbours and padding would change
 * a vector (cosine 0.984 with itself alone, measured); alone is as fast from 30 tokens on, half as fast at 16.
 */
function windowsAtOnce({ dtype }: Plan): number {
  return dtype === 'q8' || dtype === 'int8' || dtype === 'uint8' ? 1 : 16;
}

/** Serves the page that sent the plan. */
export function serve(scope: DedicatedWorkerGlobalScope): void {
  const tell = (message: FromWorker) => scope.postMessage(message);
  let queue: Queue | undefined;
  scope.onmessage = ({ data }: MessageEvent<ToWorker>) => {
    if ('port' in data) return queue?.attach(data.port);
    void hold(data.lock, () => tell({ about: 'started' }));
    const model = loadModel(data.plan, (progress) => tell({ about: 'progress', progress }));
    model.catch((error: unknown) => tell({ about: 'failed', error: toWire(error, 'AV_MODEL_UNAVAILABLE') }));
    queue = new Queue(model, data.plan);
  };
  // The page ends this worker now; those who wait on other ports must hear of it here.
  scope.addEventListener('error', ({ message }) => queue?.giveUp(message));
}

/** Holds the lock as long as the worker lives. Without Web Locks (insecure pages) a silent end is not noticed. */
async function hold(lock: string, then: () => void): Promise<void> {
  if (!navigator.locks) return then();
  await navigator.locks.request(lock, () => {
    then();
    return new Promise(() => undefined);
  });
}

/** The jobs of all ports; one batch runs at a time. */
class Queue {
  readonly #model: Promise<Model>;
  readonly #plan: Plan;
  readonly #jobs: Job[] = [];
  #running = false;

  constructor(model: Promise<Model>, plan: Plan) {
    this.#model = model;
    this.#plan = plan;
  }

  attach(port: MessagePort): void {
    port.onmessage = ({ data }: MessageEvent<EmbedRequest>) => {
      if ('cancel' in data) return this.#cancel(port, data.call);
      this.#jobs.push({ port, request: data });
      if (!this.#running) void this.#run();
    };
  }

  /** Answers all that wait: the worker dies. */
  giveUp(reason: string): void {
    const error = { code: 'AV_WORKER_LOST', message: `the embedder's worker died (${reason}). Connect to a new one.` };
    for (const job of [...this.#jobs]) this.#finish(job, { error });
  }

  #cancel(port: MessagePort, call: number): void {
    const job = this.#jobs.find((each) => each.port === port && each.request.call === call);
    if (job) this.#finish(job, { error: { code: 'AV_ABORTED', message: 'embedding was given up.' } });
  }

  async #run(): Promise<void> {
    this.#running = true;
    for (let job = this.#next(); job; job = this.#next()) {
      try {
        await this.#step(job, await this.#model);
      } catch (error) {
        this.#finish(job, { error: toWire(error, 'AV_EMBEDDER') });
        // WASM that trapped cannot be used again: dying makes the page start another worker.
        if (error instanceof WebAssembly.RuntimeError) setTimeout(() => reportError(error));
      }
      await messagesToArrive();
    }
    this.#running = false;
  }

  #next(): Job | undefined {
    return this.#jobs.find((job) => job.request.kind === 'query') ?? this.#jobs[0];
  }

  /** Runs the job's next batch, the longest windows first. */
  async #step(job: Job, model: Model): Promise<void> {
    if ('score' in model) {
      const [query = '', text = ''] = job.request.texts;
      return this.#finish(job, { vectors: Float32Array.of(await model.score(query, text)) });
    }
    const { dims } = this.#plan;
    job.work ??= this.#cut(job.request, model);
    const { windows, sums } = job.work;
    const batch = windows.splice(-windowsAtOnce(this.#plan));
    if (batch.length > 0) {
      const vectors = await model.vectors(batch.map(({ ids }) => ids));
      batch.forEach(({ text, ids }, at) => {
        const vector = vectors.subarray(at * dims, (at + 1) * dims);
        addScaled(sums.subarray(text * dims, (text + 1) * dims), vector, ids.length);
      });
    }
    if (windows.length === 0) this.#finish(job, { vectors: unit(sums, dims) });
  }

  #cut({ texts, kind }: Texts, model: Encoder): NonNullable<Job['work']> {
    const windows = texts.flatMap((text, at) => model.windows(text, kind).map((ids) => ({ text: at, ids })));
    windows.sort((a, b) => a.ids.length - b.ids.length);
    return { windows, sums: new Float32Array(texts.length * this.#plan.dims) };
  }

  #finish(
    job: Job,
    answer: { vectors: Float32Array<ArrayBuffer> } | { error: { code: string; message: string } },
  ): void {
    const at = this.#jobs.indexOf(job);
    // Cancelled while its batch ran.
    if (at < 0) return;
    this.#jobs.splice(at, 1);
    const reply: EmbedReply = { call: job.request.call, ...answer };
    job.port.postMessage(reply, 'vectors' in answer ? [answer.vectors.buffer] : []);
  }
}

/** A turn of the event loop, so that messages that came during a batch are heard. */
function messagesToArrive(): Promise<void> {
  const { port1, port2 } = new MessageChannel();
  return new Promise((done) => {
    port1.onmessage = () => {
      port1.close();
      done();
    };
    port2.postMessage(undefined);
  });
}
