// The best KEEP of the tiles' best, for each query: all that is read back.
//#include keys
//#include claim_alone
//#include pool

struct Params {
  /// Tiles of each query.
  tiles: u32,
}

@group(0) @binding(0) var<uniform> params: Params;
/// Key and number, KEEP a tile.
@group(0) @binding(1) var<storage, read> found: array<vec2u>;
/// Key and number, KEEP a query.
@group(0) @binding(2) var<storage, read_write> best: array<vec2u>;

@compute @workgroup_size(128)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) index: u32) {
  open_pool(index);
  let entries = params.tiles * KEEP;
  let start = group.x * entries;
  for (var step = 0u; ; step += THREADS) {
    var entry = vec2u(0u, NOBODY);
    if (step + index < entries) {
      entry = found[start + step + index];
    }
    let last = step + THREADS >= entries;
    offer(index, entry.x, entry.y, last);
    if (last) {
      break;
    }
  }
  for (var at = index; at < KEEP; at += THREADS) {
    best[group.x * KEEP + at] = vec2u(keys[at], ids[at]);
  }
}
