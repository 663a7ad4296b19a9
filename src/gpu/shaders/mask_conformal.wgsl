// Rows whose score is below a query's cut-off are masked, between scores and the best of them: their score becomes minus infinity, which no row has.
// A cut-off is what a calibration says hits must have, so that those left out are wrong ones with a stated probability.
//
// No search of the engine takes this way: the best of each tile are kept above a threshold of their own, so that a pass over all scores saves nothing
// there, and what a cut-off leaves out of the few that come back is left out where they are read. Tests and the bench alone run it.
//#include keys

struct Params {
  /// Rows that were scored.
  rows: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Bits of f32, the cut-off of each query; one that is no number masks all that is one.
@group(0) @binding(1) var<storage, read> cuts: array<u32>;
/// Bits of f32, query by query, `stride` apart. What is no number stays, so that it is seen.
@group(0) @binding(2) var<storage, read_write> scores: array<u32>;

const MASKED: u32 = 0xff800000u;

/// Zero of either sign is one cut-off.
fn cut_of(query: u32) -> u32 {
  let key = key_of(cuts[query]);
  return select(key, ZERO - 1u, key == ZERO);
}

@compute @workgroup_size(128)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let at = id.y * params.stride + id.x;
  if (id.x < params.rows && key_of(scores[at]) < cut_of(id.y)) {
    scores[at] = MASKED;
  }
}
