//! Bytes that are known to be UTF-8: checked once, however often they are read.

use crate::Shared;
use crate::sixteen::Sixteen;
use std::ops::Deref;

/// Bytes beyond ASCII that are checked at a time.
const WINDOW: usize = 64;

/// Shared bytes that are UTF-8.
#[derive(Clone, Debug, Default)]
pub struct Text(Shared);

impl Text {
    /// These bytes, if they are UTF-8.
    #[must_use]
    pub fn new(bytes: Shared) -> Option<Self> {
        is_text(&bytes).then_some(Self(bytes))
    }
}

impl Deref for Text {
    type Target = str;

    #[inline]
    #[expect(unsafe_code, reason = "to check the bytes at each reading would cost as much as to read them")]
    fn deref(&self) -> &str {
        // SAFETY: `new`, the only way to one but for none at all, checked these bytes, and what is shared never changes.
        unsafe { str::from_utf8_unchecked(&self.0) }
    }
}

/// Is this UTF-8? Most of any text is ASCII, and passed over sixteen bytes at a time.
fn is_text(mut rest: &[u8]) -> bool {
    loop {
        let is_ascii = |bytes: &&[u8; 16]| Sixteen::new(**bytes).beyond() == 0;
        let known = 16 * rest.as_chunks().0.iter().take_while(is_ascii).count();
        rest = rest.get(known..).unwrap_or_default();
        let window = rest.get(..WINDOW).unwrap_or(rest);
        let checked = match str::from_utf8(window) {
            Ok(text) => text.len(),
            // A char that the window cuts.
            Err(error) if error.error_len().is_none() && window.len() < rest.len() => error.valid_up_to(),
            Err(_) => return false,
        };
        rest = rest.get(checked..).unwrap_or_default();
        if rest.is_empty() {
            return true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_text;

    #[test]
    fn is_what_std_takes_for_utf8_wherever_it_is_damaged() {
        let plain = "a quick brown fox, all of it ASCII. ".repeat(4);
        for middle in ["", "é", "’", "😀", "größe – 中文 \u{10ffff}"] {
            for pad in 0..70 {
                let text = format!("{}{middle}{}", &plain[..pad], &plain[..97 - pad]);
                assert!(is_text(text.as_bytes()));
                for at in 0..text.len() {
                    for byte in [0x00, 0x80, 0xc3, 0xe2, 0xf0, 0xff] {
                        let mut bytes = text.clone().into_bytes();
                        bytes[at] = byte;
                        assert_eq!(is_text(&bytes), str::from_utf8(&bytes).is_ok(), "{pad} {at} {byte}");
                    }
                    assert_eq!(is_text(&text.as_bytes()[..at]), text.is_char_boundary(at));
                }
            }
        }
    }
}
