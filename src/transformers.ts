// The public door `aetherv/transformers`: embedding models run by transformers.js.
export {
  type LoadProgress,
  type ModelDevice,
  type ModelDtype,
  type Pooling,
  type TransformersOptions,
  transformers,
} from './embed/transformers.ts';
