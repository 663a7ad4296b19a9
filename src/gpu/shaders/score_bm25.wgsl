// BM25F of rows for queries, from the terms of each row. BATCH threads take a row: each looks one of its terms up among those of the batch, then
// each adds for a query of its own what the terms that were found are worth. Sums follow the slots of a row.
//#include keys

struct Params {
  /// Rows to score, and the first of them in the buffer.
  rows: u32,
  first: u32,
  queries: u32,
  /// Terms that a row has room for.
  slots: u32,
  /// Terms of the batch.
  terms: u32,
  /// Saturation: the larger, the later a repeated term stops to count.
  k1: f32,
  /// Between the scores of two queries.
  stride: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Number of a term and bits of its weighted frequency, `slots` a row; nobody's number where there is none.
@group(0) @binding(1) var<storage, read> rows: array<vec2u>;
/// Rising.
@group(0) @binding(2) var<storage, read> terms: array<u32>;
/// Of each term its weight in every query, BATCH a term.
@group(0) @binding(3) var<storage, read> weights: array<f32>;
/// Query by query, `stride` apart.
@group(0) @binding(4) var<storage, read_write> scores: array<f32>;

const THREADS: u32 = 64u;
const ROWS: u32 = 16u;
/// Rows at a time.
const ABREAST: u32 = THREADS / BATCH;

/// Of the terms in hand, places among those of the batch, and what their frequencies are worth.
var<workgroup> places: array<u32, THREADS>;
var<workgroup> worth: array<f32, THREADS>;
var<workgroup> sums: array<f32, ROWS * BATCH>;

fn place_of(term: u32) -> u32 {
  var low = 0u;
  var high = params.terms;
  while (low < high) {
    let middle = (low + high) / 2u;
    if (terms[middle] < term) {
      low = middle + 1u;
    } else {
      high = middle;
    }
  }
  if (low < params.terms && terms[low] == term) {
    return low;
  }
  return NOBODY;
}

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let first_row = group.x * ROWS;
  let lane = index % BATCH;
  let side = index / BATCH;
  for (var step = 0u; step < ROWS; step += ABREAST) {
    let row = first_row + step + side;
    var sum = 0.0;
    for (var start = 0u; start < params.slots; start += BATCH) {
      var place = NOBODY;
      if (row < params.rows && start + lane < params.slots) {
        let slot = rows[(params.first + row) * params.slots + start + lane];
        if (slot.x != NOBODY) {
          place = place_of(slot.x);
        }
        let frequency = bitcast<f32>(slot.y);
        worth[index] = (params.k1 + 1.0) * frequency / (params.k1 + frequency);
      }
      places[index] = place;
      workgroupBarrier();
      for (var i = side * BATCH; i < (side + 1u) * BATCH; i++) {
        if (places[i] != NOBODY) {
          sum += weights[places[i] * BATCH + lane] * worth[i];
        }
      }
      workgroupBarrier();
    }
    sums[lane * ROWS + step + side] = sum;
  }
  workgroupBarrier();
  // Neighbouring threads write neighbouring rows.
  for (var at = index; at < ROWS * params.queries; at += THREADS) {
    let row = first_row + at % ROWS;
    if (row < params.rows) {
      scores[(at / ROWS) * params.stride + row] = sums[at];
    }
  }
}
