// The worker that runs the transformers.js model.
import { serve } from '../src/embed/pipeline.ts';

serve(self as unknown as DedicatedWorkerGlobalScope);
