//! Content hashes: the first 128 bits of BLAKE3.

/// Bytes of an id.
pub const ID_BYTES: usize = 16;

/// A 128-bit content hash.
pub type Id = [u8; ID_BYTES];

/// Hashes ids for hash maps: they are hashes already, so their head is as good as any.
#[derive(Default)]
pub struct IdHasher(u64);

impl std::hash::Hasher for IdHasher {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write(&mut self, bytes: &[u8]) {
        if let Some(head) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*head);
        }
    }
}

/// A map from ids.
pub type IdMap<V> = std::collections::HashMap<Id, V, std::hash::BuildHasherDefault<IdHasher>>;

/// The id of `bytes`.
pub fn id_of(bytes: &[u8]) -> Id {
    let hash = blake3::hash(bytes);
    hash.as_bytes().first_chunk().copied().unwrap_or_default()
}

/// The ids of consecutive messages: message i ends at `ends[i]` and starts where the one before ended.
/// Ends past the data or out of order give the hash of the empty message.
pub fn ids_of(data: &[u8], ends: &[u32]) -> Vec<u8> {
    let mut out = Vec::with_capacity(ends.len() * ID_BYTES);
    let mut start = 0;
    for &end in ends {
        out.extend_from_slice(&id_of(data.get(start..end as usize).unwrap_or_default()));
        start = end as usize;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_the_head_of_the_published_blake3_vector() {
        assert_eq!(id_of(b"")[..4], [0xaf, 0x13, 0x49, 0xb9]);
    }

    #[test]
    fn many_equals_one_by_one() {
        assert_eq!(ids_of(b"abc", &[1, 3]), [id_of(b"a"), id_of(b"bc")].concat());
    }
}
