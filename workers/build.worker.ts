// The worker that builds one graph and ends.
import { serveBuild } from '../src/index/builder.ts';

serveBuild(self as unknown as DedicatedWorkerGlobalScope);
