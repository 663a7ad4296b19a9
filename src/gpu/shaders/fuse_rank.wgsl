// Two channels as one, by rank: `61 / 2 * (1 / (60 + rank) + 1 / (60 + rank))` of the best KEEP of each. Equal scores have one rank, a score of 0
// has none. What is in both lists goes to the first alone.
//#include keys

struct Params {
  queries: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Key and number, KEEP a query, the best first.
@group(0) @binding(1) var<storage, read> words: array<vec2u>;
@group(0) @binding(2) var<storage, read> cosines: array<vec2u>;
/// Key and number in no order, 2 KEEP a query.
@group(0) @binding(3) var<storage, read_write> found: array<vec2u>;

const THREADS: u32 = 128u;
const CONSTANT: f32 = 60.0;

fn share(rank: u32) -> f32 {
  return select(0.0, 1.0 / (CONSTANT + f32(rank)), rank > 0u);
}

fn rank(key: u32, greater: u32) -> u32 {
  return select(greater + 1u, 0u, key == 0u || key == ZERO || key == ZERO - 1u);
}

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  let start = group.x * KEEP;
  for (var at = index; at < 2u * KEEP; at += THREADS) {
    let is_word = at < KEEP;
    let own = select(cosines[start + at % KEEP], words[start + at % KEEP], is_word);
    var greater = vec2u();
    var other = 0u;
    for (var i = 0u; i < KEEP; i++) {
      let entry = select(words[start + i], cosines[start + i], is_word);
      other = select(other, entry.x, entry.y == own.y);
      greater.x += select(0u, 1u, select(cosines[start + i].x, words[start + i].x, is_word) > own.x);
    }
    for (var i = 0u; i < KEEP; i++) {
      greater.y += select(0u, 1u, select(words[start + i].x, cosines[start + i].x, is_word) > other);
    }
    let score = (CONSTANT + 1.0) / 2.0 * (share(rank(own.x, greater.x)) + share(rank(other, greater.y)));
    var entry = vec2u(key_of(bitcast<u32>(score)), own.y);
    if (own.x == NAN_KEY || other == NAN_KEY) {
      entry.x = NAN_KEY;
    }
    if (own.y == NOBODY || (!is_word && other > 0u)) {
      entry = vec2u(0u, NOBODY);
    }
    found[2u * start + at] = entry;
  }
}
