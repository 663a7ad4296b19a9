// The largest score of each query among the rows that a mask admits, as a key: what scores are measured by when two channels become one.
//#include keys

struct Params {
  /// Rows that were scored, and the first of them in the mask.
  rows: u32,
  first: u32,
  /// 1: bit i of the mask admits row i; 0: all are admitted.
  masked: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Bits of f32, query by query, `stride` apart.
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> mask: array<u32>;
/// A key a query, 0 before the first part.
@group(0) @binding(3) var<storage, read_write> tops: array<atomic<u32>>;

const THREADS: u32 = 128u;

var<workgroup> top: atomic<u32>;

fn admits(row: u32) -> bool {
  return params.masked == 0u || ((mask[row >> 5u] >> (row & 31u)) & 1u) == 1u;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let end = min((group.x + 1u) * TILE, params.rows);
  var own = 0u;
  for (var row = group.x * TILE + index; row < end; row += THREADS) {
    if (admits(params.first + row)) {
      own = max(own, key_of(scores[group.y * params.stride + row]));
    }
  }
  // Workgroup memory begins as 0.
  atomicMax(&top, own);
  workgroupBarrier();
  if (index == 0u) {
    atomicMax(&tops[group.y], atomicLoad(&top));
  }
}
