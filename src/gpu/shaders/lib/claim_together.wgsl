// Places in the pool, claimed once for all threads of a subgroup.
fn claim(wins: bool) -> u32 {
  let own = select(0u, 1u, wins);
  let before = subgroupExclusiveAdd(own);
  let all = subgroupAdd(own);
  var first = 0u;
  if (subgroupElect() && all > 0u) {
    first = atomicAdd(&gathered, all);
  }
  return subgroupBroadcastFirst(first) + before;
}
