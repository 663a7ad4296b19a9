// How like each other the rows of a pool are, of several pools: dot products of all pairs, which maximal marginal relevance chooses by. One workgroup
// takes a block of 32 by 32 pairs, each thread four of them; of two blocks that mirror each other the upper one, and writes both.
//
// No search of the engine takes this way: a choice of ten among fifty looks at ten rows of the table, which the engine computes sooner than a table
// comes back from the GPU, and it wants them to the last bit. Tests and the bench alone run it.
//#include keys

struct Params {
  /// Dimensions in fours; the last four is padded with zeros.
  fours: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
@group(0) @binding(1) var<storage, read> rows: array<vec4f>;
/// Rows of each pool, SIZE a pool, nobody's number where there are fewer.
@group(0) @binding(2) var<storage, read> picks: array<u32>;
/// SIZE x SIZE a pool; 0 where there is no row.
@group(0) @binding(3) var<storage, read_write> likeness: array<f32>;

const SIDE: u32 = 16u;
const BLOCK: u32 = 32u;
const DEPTH: u32 = 8u;

var<workgroup> across: array<vec4f, BLOCK * DEPTH>;
var<workgroup> down: array<vec4f, BLOCK * DEPTH>;

fn value(place: u32, four: u32) -> vec4f {
  let row = picks[place];
  if (row == NOBODY || four >= params.fours) {
    return vec4f();
  }
  return rows[row * params.fours + four];
}

@compute @workgroup_size(16, 16)
fn main(
  @builtin(workgroup_id) group: vec3u,
  @builtin(local_invocation_id) local: vec3u,
  @builtin(local_invocation_index) index: u32,
) {
  if (group.x < group.y) {
    return;
  }
  let pool = group.z * SIZE;
  let x = group.x * BLOCK;
  let y = group.y * BLOCK;
  var sums: array<f32, 4>;
  for (var depth = 0u; depth < params.fours; depth += DEPTH) {
    // Neighbouring threads read neighbouring fours of a row; each loads one of either side.
    let at = index / DEPTH;
    let four = index % DEPTH;
    across[four * BLOCK + at] = value(pool + x + at, depth + four);
    down[four * BLOCK + at] = value(pool + y + at, depth + four);
    workgroupBarrier();
    for (var d = 0u; d < DEPTH; d++) {
      for (var i = 0u; i < 4u; i++) {
        let a = across[d * BLOCK + local.x + SIDE * (i % 2u)];
        sums[i] += dot(a, down[d * BLOCK + local.y + SIDE * (i / 2u)]);
      }
    }
    workgroupBarrier();
  }
  for (var i = 0u; i < 4u; i++) {
    let column = x + local.x + SIDE * (i % 2u);
    let row = y + local.y + SIDE * (i / 2u);
    // Of the blocks on the diagonal each half is written by those above it alone.
    if (column >= row) {
      likeness[(pool + row) * SIZE + column] = sums[i];
      likeness[(pool + column) * SIZE + row] = sums[i];
    }
  }
}
