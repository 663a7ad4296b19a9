// The engine worker: one per open database; builds the engine and exposes its calls.

import { expose } from 'comlink';
import { createEngine } from '../src/engine/contract.ts';

expose(createEngine());
