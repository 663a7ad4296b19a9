// Two channels as one, by score: `weight * words / most + (1 - weight) * max(0, cosine) / most`, in the place of the cosines.
//#include keys

struct Params {
  rows: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Query by query, `stride` apart.
@group(0) @binding(1) var<storage, read> words: array<f32>;
/// Keys of the largest scores of each query.
@group(0) @binding(2) var<storage, read> word_tops: array<u32>;
@group(0) @binding(3) var<storage, read> cosine_tops: array<u32>;
/// Of the words, of each query.
@group(0) @binding(4) var<storage, read> shares: array<f32>;
/// Cosines, and in the end what they became.
@group(0) @binding(5) var<storage, read_write> scores: array<f32>;

/// What is no number stays so.
fn share(value: f32, top: u32) -> f32 {
  if (top <= ZERO) {
    return 0.0;
  }
  return select(value, 0.0, value < 0.0) / bitcast<f32>(bits_of(top));
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) {
    return;
  }
  let at = id.y * params.stride + id.x;
  let weight = shares[id.y];
  let of_words = weight * share(words[at], word_tops[id.y]);
  scores[at] = of_words + (1.0 - weight) * share(scores[at], cosine_tops[id.y]);
}
