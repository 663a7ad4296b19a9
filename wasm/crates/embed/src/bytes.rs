//! Little-endian reads that cannot fail loudly, and the checksum of the asset.

/// The `u32` at a place of the bytes, `None` behind their end.
pub(crate) fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    let part = bytes.get(at..)?.first_chunk::<4>()?;
    Some(u32::from_le_bytes(*part))
}

/// `N` finite `f32` from a place of the bytes on, `None` behind their end or where one is not finite.
pub(crate) fn floats<const N: usize>(bytes: &[u8], at: usize) -> Option<[f32; N]> {
    let mut out = [0.0; N];
    for (i, value) in out.iter_mut().enumerate() {
        *value = f32::from_bits(u32_at(bytes, at + 4 * i)?);
    }
    out.iter().all(|v| v.is_finite()).then_some(out)
}

/// FNV-1a, 64 bits (Fowler, Noll, Vo): finds damage, does not withstand intent.
pub(crate) fn fnv1a64(bytes: &[u8]) -> u64 {
    bytes.chunks(BLOCK).fold(0xcbf2_9ce4_8422_2325, mix)
}

/// Bytes a call of [`mix`] takes: browsers optimise a WASM function from its next call on, never within one.
const BLOCK: usize = 16_384;

#[inline(never)]
fn mix(hash: u64, bytes: &[u8]) -> u64 {
    bytes.iter().fold(hash, |hash, &b| (hash ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn published_checksums() {
        assert_eq!(fnv1a64(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fnv1a64(b"a"), 0xaf63_dc4c_8601_ec8c);
        assert_eq!(fnv1a64(b"foobar"), 0x8594_4171_f739_67e8);
    }

    #[test]
    fn reads_end_quietly() {
        assert_eq!(u32_at(&[1, 2, 0, 0, 9], 0), Some(513));
        assert_eq!((u32_at(&[0; 5], 2), u32_at(&[], 9)), (None, None));
        assert_eq!(floats::<1>(&[0, 0, 0xc0, 0x7f], 0), None);
    }
}
