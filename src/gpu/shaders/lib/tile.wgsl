// The rows of a tile, offered to the pool.

struct Params {
  /// Rows that were scored, and the first of them in the mask.
  rows: u32,
  first: u32,
  /// What is added to a row's place to make its number.
  base: u32,
  /// 1: bit i of the mask admits row i; 0: all are admitted.
  masked: u32,
  /// Where the tiles go among those of all stripes.
  tile: u32,
  tiles: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Bits of f32, query by query, `stride` apart.
@group(0) @binding(1) var<storage, read> scores: array<u32>;
@group(0) @binding(2) var<storage, read> mask: array<u32>;
/// Key and number, KEEP a tile, `tiles` tiles a query.
@group(0) @binding(3) var<storage, read_write> found: array<vec2u>;

fn admits(row: u32) -> bool {
  return params.masked == 0u || ((mask[row >> 5u] >> (row & 31u)) & 1u) == 1u;
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  open_pool(index);
  let query = group.y;
  let start = group.x * TILE;
  let end = min(start + TILE, params.rows);
  for (var step = start; ; step += THREADS) {
    let row = step + index;
    var key = 0u;
    if (row < end && admits(params.first + row)) {
      key = key_of(scores[query * params.stride + row]);
    }
    let last = step + THREADS >= end;
    offer(index, key, params.base + row, last);
    if (last) {
      break;
    }
  }
  let out = (query * params.tiles + params.tile + group.x) * KEEP;
  for (var at = index; at < KEEP; at += THREADS) {
    found[out + at] = vec2u(keys[at], ids[at]);
  }
}
