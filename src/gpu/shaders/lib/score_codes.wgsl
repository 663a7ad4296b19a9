// Scores of rows for queries by their codes (see `wasm/crates/ann/src/sq7.rs`): products of integers, exact in any order, then the scales. Tiles
// are those of `score_f32.wgsl`, 32 dimensions at a time.

struct Params {
  /// Rows to score, and the first of them in the buffer.
  rows: u32,
  first: u32,
  queries: u32,
  /// Codes of a row in sixteens.
  sixteens: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4u>;
@group(0) @binding(2) var<storage, read> row_scales: array<f32>;
@group(0) @binding(3) var<storage, read> queries: array<vec4u>;
/// Bits of the scale, and what is taken off the product.
@group(0) @binding(4) var<storage, read> query_scales: array<vec2u>;
/// Query by query, `stride` apart.
@group(0) @binding(5) var<storage, read_write> scores: array<f32>;

const SIDE: u32 = 16u;
const ROWS_EACH: u32 = 4u;
const ROWS: u32 = SIDE * ROWS_EACH;
const QUERIES_EACH: u32 = BATCH / SIDE;
const DEPTH: u32 = 2u;
/// Rows or queries that all threads load at once.
const LOADED: u32 = SIDE * SIDE / DEPTH;

var<workgroup> row_tile: array<vec4u, DEPTH * ROWS>;
var<workgroup> query_tile: array<vec4u, DEPTH * BATCH>;

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.x * ROWS;
  var sums: array<i32, ROWS_EACH * QUERIES_EACH>;
  for (var depth = 0u; depth < params.sixteens; depth += DEPTH) {
    let own = depth + index % DEPTH;
    for (var at = index / DEPTH; at < ROWS; at += LOADED) {
      let row = first_row + at;
      var value = vec4u();
      if (row < params.rows && own < params.sixteens) {
        value = rows[(params.first + row) * params.sixteens + own];
      }
      row_tile[(index % DEPTH) * ROWS + at] = value;
    }
    for (var at = index / DEPTH; at < BATCH; at += LOADED) {
      var value = vec4u();
      if (at < params.queries && own < params.sixteens) {
        value = queries[at * params.sixteens + own];
      }
      query_tile[(index % DEPTH) * BATCH + at] = value;
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      for (var j = 0u; j < QUERIES_EACH; j++) {
        let query = query_tile[d * BATCH + local.y + SIDE * j];
        for (var i = 0u; i < ROWS_EACH; i++) {
          let row = row_tile[d * ROWS + local.x + SIDE * i];
          let near = dot_codes(row.x, query.x) + dot_codes(row.y, query.y);
          let far = dot_codes(row.z, query.z) + dot_codes(row.w, query.w);
          sums[i * QUERIES_EACH + j] += near + far;
        }
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < ROWS_EACH; i++) {
    let row = first_row + local.x + SIDE * i;
    for (var j = 0u; j < QUERIES_EACH; j++) {
      let query = local.y + SIDE * j;
      if (row < params.rows && query < params.queries) {
        let about = query_scales[query];
        let scale = row_scales[params.first + row] * bitcast<f32>(about.x);
        scores[query * params.stride + row] = f32(sums[i * QUERIES_EACH + j] - bitcast<i32>(about.y)) * scale;
      }
    }
  }
}
