//! The order of candidates, and the best of them: twin of `lib/keys.wgsl` and `lib/pool.wgsl`.

/// Id of no entry; its key is 0.
pub const NOBODY: u32 = u32::MAX;
/// Key of 0.
pub const ZERO: u32 = 1 << 31;

/// Keys order as the scores they are made of; what is no number comes first.
pub fn key_of(bits: u32) -> u32 {
    if bits & 0x7fff_ffff > 0x7f80_0000 {
        return u32::MAX;
    }
    if bits >> 31 == 1 { !bits } else { bits | 0x8000_0000 }
}

/// From a key back to the bits of the score.
pub fn bits_of(key: u32) -> u32 {
    if key >> 31 == 1 { key & 0x7fff_ffff } else { !key }
}

/// The best `keep` entries (key, id), padded with nobody.
pub fn best(mut entries: Vec<(u32, u32)>, keep: usize) -> impl Iterator<Item = u32> {
    entries.retain(|entry| entry.0 > 0);
    entries.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    entries.resize(keep, (0, NOBODY));
    entries.into_iter().flat_map(|(key, id)| [key, id])
}
