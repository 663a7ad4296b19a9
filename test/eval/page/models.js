// Models that the pages of the eval open databases with.

/** The real model, from this origin. */
export async function minilm() {
  const { transformers } = await import('/aetherv/transformers.js');
  return transformers({
    model: 'all-MiniLM-L6-v2',
    base: '/models/',
    dtype: 'q8',
    library: '/transformers/transformers.min.js',
    wasmPaths: '/ort/',
    allowRemote: false,
  });
}
