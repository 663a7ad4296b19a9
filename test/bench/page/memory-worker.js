// The engine worker with a count of its WebAssembly memories, asked for over a channel.
import '/aetherv/workers/engine.worker.js';

const memories = new Set();
WebAssembly.Instance = new Proxy(WebAssembly.Instance, {
  construct(Instance, given) {
    const instance = new Instance(...given);
    for (const each of Object.values(instance.exports)) if (each instanceof WebAssembly.Memory) memories.add(each);
    return instance;
  },
});

const channel = new BroadcastChannel('wasm-memories');
channel.onmessage = () => channel.postMessage([...memories].reduce((sum, { buffer }) => sum + buffer.byteLength, 0));
