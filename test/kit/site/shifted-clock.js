// The engine worker on a clock that is wrong by `?by=` milliseconds.
import '/aetherv/workers/engine.worker.js';

const by = Number(new URL(import.meta.url).searchParams.get('by'));
const { now } = Date;
Date.now = () => now() + by;
