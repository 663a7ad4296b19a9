// One workgroup scores 64 rows for BATCH queries, each thread 4 rows for BATCH / 16. Tiles of both wait in workgroup memory, 8 dimensions at a time.
// Sums have no fixed order: callers allow for the error of any.

struct Params {
  /// Rows to score, and the first of them in the buffer.
  rows: u32,
  first: u32,
  queries: u32,
  /// Dimensions in fours; the last four is padded with zeros.
  fours: u32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<Row>;
@group(0) @binding(2) var<storage, read> queries: array<vec4f>;
/// Query by query, `stride` apart.
@group(0) @binding(3) var<storage, read_write> scores: array<f32>;

const SIDE: u32 = 16u;
const ROWS_EACH: u32 = 4u;
const ROWS: u32 = SIDE * ROWS_EACH;
const QUERIES_EACH: u32 = BATCH / SIDE;
const DEPTH: u32 = 2u;
/// Rows or queries that all threads load at once.
const LOADED: u32 = SIDE * SIDE / DEPTH;

var<workgroup> row_tile: array<vec4f, DEPTH * ROWS>;
var<workgroup> query_tile: array<vec4f, DEPTH * BATCH>;

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  let first_row = group.x * ROWS;
  var sums: array<f32, ROWS_EACH * QUERIES_EACH>;
  for (var depth = 0u; depth < params.fours; depth += DEPTH) {
    // Neighbouring threads read neighbouring fours of a row.
    let four = depth + index % DEPTH;
    for (var at = index / DEPTH; at < ROWS; at += LOADED) {
      let row = first_row + at;
      var value = vec4f();
      if (row < params.rows && four < params.fours) {
        value = values_of(rows[(params.first + row) * params.fours + four]);
      }
      row_tile[(index % DEPTH) * ROWS + at] = value;
    }
    for (var at = index / DEPTH; at < BATCH; at += LOADED) {
      var value = vec4f();
      if (at < params.queries && four < params.fours) {
        value = queries[at * params.fours + four];
      }
      query_tile[(index % DEPTH) * BATCH + at] = value;
    }
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      for (var j = 0u; j < QUERIES_EACH; j++) {
        let query = query_tile[d * BATCH + local.y + SIDE * j];
        for (var i = 0u; i < ROWS_EACH; i++) {
          let row = row_tile[d * ROWS + local.x + SIDE * i];
          if (L2) {
            let apart = row - query;
            sums[i * QUERIES_EACH + j] -= dot(apart, apart);
          } else {
            sums[i * QUERIES_EACH + j] += dot(row, query);
          }
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
        scores[query * params.stride + row] = sums[i * QUERIES_EACH + j];
      }
    }
  }
}
