// Places in the pool, claimed by each thread for itself.
fn claim(wins: bool) -> u32 {
  if (!wins) {
    return NOBODY;
  }
  return atomicAdd(&gathered, 1u);
}
