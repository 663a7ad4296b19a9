// The engine worker with every call to WebGPU counted, and a fault at the call that a page names over a channel.
//
// A fault is `{ kind, at, skip, least }`: at the call `at` after `skip` others, of writes those of `least` bytes. Kinds: `lost` (the device is destroyed), `validation` (a real error of
// validation), `shader` (a text that does not validate), `limits` (more is asked of the adapter than it has), `memory` (the scope says out of
// memory), `throw`, `hang` (never settles), `null` (no adapter from now on), `nan` (what is written is no number), `garbage` (what is read is
// anything), `zeros`.
import '/aetherv/workers/engine.worker.js';

const METHODS = {
  GPU: ['requestAdapter'],
  GPUAdapter: ['requestDevice'],
  GPUDevice: [
    ...['createShaderModule', 'createComputePipeline', 'createComputePipelineAsync', 'createBuffer', 'createBindGroup'],
    ...['createCommandEncoder', 'pushErrorScope', 'popErrorScope'],
  ],
  GPUQueue: ['writeBuffer', 'submit'],
  GPUBuffer: ['mapAsync', 'getMappedRange'],
};

const calls = {};
const scopes = [];
let device;
let fault;
let struck = 0;
/** `?none`: there is no adapter; `?whole`: all pipelines are compiled; `?hardware`: the adapter does not say that it is software;
 * `?texts`: of batches over documents; `?many`: of batches of several submissions; `?clusters`: of clusters; `?shader`, `?limits`: these faults from
 * the start. */
let gone = location.search === '?none';
if (location.search === '?shader') fault = { kind: 'shader', at: 'GPUDevice.createShaderModule', skip: 0 };
if (location.search === '?limits') fault = { kind: 'limits', at: 'GPUAdapter.requestDevice', skip: 0 };
const lean = location.search !== '?whole';
if (location.search === '?hardware')
  Object.defineProperty(GPUAdapter.prototype, 'info', {
    get: () => ({ vendor: 'acme', architecture: 'anvil', device: '', description: '' }),
  });
let noMemory = false;
let hurry = false;

/** Pipelines that the batches here take; software is slow to compile the others, so they are not. */
const TAKEN =
  {
    '?hardware': /score_f32 BATCH=64 L2=false|topk_\w+ KEEP=32/,
    '?clusters': /score_f32 BATCH=16 L2=true|cluster_assign/,
    '?many': /score_f32 BATCH=\d+ L2=false|topk_\w+ KEEP=32/,
    '?texts': /score_f32 BATCH=16 L2=false|topk_\w+ KEEP=128/,
  }[location.search] ?? /score_f32 BATCH=16 L2=false|topk_\w+ KEEP=32/;
/** Time limits of the library that a hang would have to be waited for. */
const PATIENCE_MS = 20_000;

/** What the fault does before the call; a value it returns, in a box, takes the call's place. */
function strike({ kind }, self, given) {
  struck++;
  if (kind === 'lost') device?.destroy();
  else if (kind === 'validation')
    device?.createBuffer({ size: 16, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.MAP_WRITE });
  else if (kind === 'shader') given[0] = { ...given[0], code: 'fn main() -> u32 { return 1.5; }' };
  else if (kind === 'limits') given[0] = { ...given[0], requiredLimits: { maxComputeWorkgroupSizeX: 2 ** 20 } };
  else if (kind === 'memory') noMemory = true;
  else if (kind === 'throw') throw new TypeError('injected');
  else if (kind === 'hang') return { value: new Promise(() => undefined) };
  else if (kind === 'null') gone = true;
  else if (kind === 'nan') given[2] = new Float32Array(given[2].byteLength / 4).fill(Number.NaN);
  else if (kind === 'garbage' || kind === 'zeros') {
    const range = GPUBuffer.prototype.getMappedRange.original.apply(self, given);
    const words = new Uint32Array(range.slice(0));
    return { value: words.map((word, i) => (kind === 'zeros' ? 0 : (word * 31 + i * 977) >>> 0)).buffer };
  }
  return undefined;
}

for (const [holder, methods] of Object.entries(METHODS))
  for (const method of methods) {
    const { prototype } = globalThis[holder];
    const original = prototype[method];
    const name = `${holder}.${method}`;
    prototype[method] = function (...given) {
      calls[name] = (calls[name] ?? 0) + 1;
      if (method === 'pushErrorScope') scopes.push(given[0]);
      const filter = method === 'popErrorScope' ? scopes.pop() : undefined;
      const isDue = fault?.at === name && !(given[2]?.byteLength < fault.least) && fault.skip-- <= 0;
      if (isDue) {
        const instead = strike(fault, this, given);
        if (!fault.again) fault = undefined;
        if (instead) return instead.value;
      }
      if (method === 'createComputePipelineAsync' && lean && !TAKEN.test(given[0].label)) return Promise.resolve({});
      if (gone && method === 'requestAdapter') return Promise.resolve(null);
      const result = original.apply(this, given);
      if (noMemory && filter === 'out-of-memory') {
        noMemory = false;
        return result.then(() => new GPUOutOfMemoryError('injected'));
      }
      if (method === 'requestDevice')
        return result.then((made) => {
          device = made;
          return made;
        });
      return result;
    };
    prototype[method].original = original;
  }

// Time that tests need not wait for.
let ahead = 0;
const now = performance.now.bind(performance);
performance.now = () => now() + ahead;
const later = globalThis.setTimeout;
globalThis.setTimeout = (run, ms, ...args) => later(run, ms === PATIENCE_MS && hurry ? 400 : ms, ...args);

const channel = new BroadcastChannel('gpu-faults');
channel.onmessage = ({ data }) => {
  if (data.fault !== undefined) {
    fault = data.fault ?? undefined;
    struck = 0;
    noMemory = false;
    hurry = fault?.kind === 'hang';
  }
  ahead += data.forward ?? 0;
  if (data.compile) {
    const module = device.createShaderModule({ code: '@compute @workgroup_size(1) fn main() {}' });
    device.createComputePipeline({ layout: 'auto', compute: { module } });
    void device.createComputePipelineAsync({ label: 'topk_late KEEP=32', layout: 'auto', compute: { module } });
  }
  if (data.ask) channel.postMessage({ calls: { ...calls }, struck });
};
