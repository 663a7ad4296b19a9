// The public door `aetherv/transformers`: embedding models and cross-encoders run by transformers.js.
export { type CrossEncoderOptions, crossEncoder } from './embed/cross-encoder.ts';
export {
  type LoadProgress,
  type ModelDevice,
  type ModelDtype,
  type Pooling,
  type TransformersOptions,
  transformers,
} from './embed/transformers.ts';
