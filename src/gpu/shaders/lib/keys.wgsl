// Scores as numbers that order as they do.

/// Id of no entry; its key is 0.
const NOBODY: u32 = 0xffffffffu;
/// Key of 0; that of -0 is one less.
const ZERO: u32 = 0x80000000u;

/// Key of what is no number: it comes first, so that it is seen.
const NAN_KEY: u32 = 0xffffffffu;

/// Keys order as the scores they are made of.
fn key_of(bits: u32) -> u32 {
  if ((bits & 0x7fffffffu) > 0x7f800000u) {
    return NAN_KEY;
  }
  return select(bits | 0x80000000u, ~bits, (bits >> 31u) == 1u);
}

/// From a key back to the bits of the score.
fn bits_of(key: u32) -> u32 {
  return select(~key, key & 0x7fffffffu, (key >> 31u) == 1u);
}
