// The two centroids nearest to each row: the scores for one batch of them are folded into what the batches before left. The first half of a step
// of k-means; `src/gpu/assign.ts` runs it.
//#include keys

struct Params {
  /// Rows that were scored.
  rows: u32,
  /// Centroids that they were scored for, and the number of the first; 0 begins anew.
  centroids: u32,
  base: u32,
  /// Between the scores of two centroids.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Bits of f32, centroid by centroid, `stride` apart.
@group(0) @binding(1) var<storage, read> scores: array<u32>;
/// Of each row key and number of the nearest, then of the second: of equal scores the lower number comes first.
@group(0) @binding(2) var<storage, read_write> nearest: array<vec4u>;

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  if (id.x >= params.rows) {
    return;
  }
  var best = vec4u(0u, NOBODY, 0u, NOBODY);
  if (params.base > 0u) {
    best = nearest[id.x];
  }
  for (var i = 0u; i < params.centroids; i++) {
    let entry = vec2u(key_of(scores[i * params.stride + id.x]), params.base + i);
    if (entry.x > best.x) {
      best = vec4u(entry, best.xy);
    } else if (entry.x > best.z) {
      best = vec4u(best.xy, entry);
    }
  }
  nearest[id.x] = best;
}
