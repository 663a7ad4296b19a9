// The best KEEP of many entries, kept by one workgroup: entries above the worst of the best so far are gathered, and when the pool is full
// it is sorted and cut. Few entries get that far, so that most steps cost one comparison. Order: key falling, then id rising. How threads claim their
// places is another part's business (`claim_alone.wgsl`, `claim_together.wgsl`).

const THREADS: u32 = 128u;

var<workgroup> keys: array<u32, POOL>;
var<workgroup> ids: array<u32, POOL>;
var<workgroup> gathered: atomic<u32>;
var<workgroup> filled: u32;
var<workgroup> threshold: u32;

fn open_pool(index: u32) {
  if (index == 0u) {
    atomicStore(&gathered, 0u);
    threshold = 0u;
  }
  workgroupBarrier();
}

/// Every thread of the group offers at once, the one with nothing to offer a key of 0. Of equal keys the smaller id has to come no later.
/// After the `last` offer entry j of the best is `keys[j]`, `ids[j]`.
fn offer(index: u32, key: u32, id: u32, last: bool) {
  let wins = key > threshold;
  let at = claim(wins);
  if (wins) {
    keys[at] = key;
    ids[at] = id;
  }
  workgroupBarrier();
  if (index == 0u) {
    filled = atomicLoad(&gathered);
  }
  let count = workgroupUniformLoad(&filled);
  if (last || count > POOL - THREADS) {
    cut(index, count);
  }
}

fn comes_before(a: u32, b: u32) -> bool {
  return keys[a] > keys[b] || (keys[a] == keys[b] && ids[a] < ids[b]);
}

/// Sorts the pool (bitonic) and keeps the best.
fn cut(index: u32, count: u32) {
  for (var at = index; at < POOL; at += THREADS) {
    if (at >= count) {
      keys[at] = 0u;
      ids[at] = NOBODY;
    }
  }
  workgroupBarrier();
  for (var size = 2u; size <= POOL; size *= 2u) {
    for (var stride = size / 2u; stride > 0u; stride /= 2u) {
      for (var pair = index; pair < POOL / 2u; pair += THREADS) {
        let low = 2u * stride * (pair / stride) + pair % stride;
        let high = low + stride;
        if (comes_before(high, low) == ((low & size) == 0u)) {
          let key = keys[low];
          keys[low] = keys[high];
          keys[high] = key;
          let id = ids[low];
          ids[low] = ids[high];
          ids[high] = id;
        }
      }
      workgroupBarrier();
    }
  }
  if (index == 0u) {
    atomicStore(&gathered, min(count, KEEP));
    threshold = select(0u, keys[KEEP - 1u], count >= KEEP);
  }
  workgroupBarrier();
}
