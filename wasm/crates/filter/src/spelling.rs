//! How columns spell strings: UTF-16 units, each in one to three bytes as UTF-8 would have it. Bytes are then in the order of JavaScript's
//! strings, which UTF-8's are not: what needs two units comes before U+E000.

/// A string of UTF-8 as columns spell it.
pub fn of(text: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(text.len());
    put(text, false, &mut out);
    out
}

/// Appends a string of UTF-8, with the escapes of JSON or without.
pub fn put(text: &[u8], escapes: bool, out: &mut Vec<u8>) {
    let mut rest = text;
    loop {
        let special = |byte: &u8| *byte >= 0xf0 || (escapes && *byte == b'\\');
        let plain = rest.iter().position(special).unwrap_or(rest.len());
        let (head, tail) = rest.split_at(plain);
        out.extend_from_slice(head);
        rest = match tail {
            [b'\\', b'u', a, b, c, d, after @ ..] => {
                let unit = [a, b, c, d]
                    .iter()
                    .fold(0, |unit, digit| unit << 4 | char::from(**digit).to_digit(16).unwrap_or_default());
                put_unit(unit, out);
                after
            }
            [b'\\', letter, after @ ..] => {
                out.push(match letter {
                    b'b' => 8,
                    b't' => b'\t',
                    b'n' => b'\n',
                    b'f' => 12,
                    b'r' => b'\r',
                    other => *other,
                });
                after
            }
            [a, b, c, d, after @ ..] => {
                let code = [b, c, d].iter().fold(u32::from(a & 7), |code, byte| code << 6 | u32::from(*byte & 63));
                let above = code.wrapping_sub(0x10000);
                put_unit(0xd800 | (above >> 10 & 0x3ff), out);
                put_unit(0xdc00 | (above & 0x3ff), out);
                after
            }
            _ => return,
        };
    }
}

fn put_unit(unit: u32, out: &mut Vec<u8>) {
    let low = |shift: u32| (unit >> shift & 63) as u8 | 0x80;
    match unit {
        0..0x80 => out.push(unit as u8),
        0x80..0x800 => out.extend([(unit >> 6) as u8 | 0xc0, low(0)]),
        _ => out.extend([(unit >> 12) as u8 | 0xe0, low(6), low(0)]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn orders_as_utf16_does() {
        let texts = [
            "",
            "a",
            "a\0",
            "é",
            "\u{7ff}",
            "\u{800}",
            "\u{d7ff}",
            "\u{e000}",
            "\u{ffff}",
            "\u{10000}",
            "😀",
            "\u{10ffff}",
        ];
        for a in texts {
            for b in texts {
                let want = a.encode_utf16().cmp(b.encode_utf16());
                assert_eq!(of(a.as_bytes()).cmp(&of(b.as_bytes())), want, "{a} {b}");
            }
        }
    }

    #[test]
    fn reads_the_escapes_of_json() {
        let mut out = Vec::new();
        put(br#"\"\\\/\b\f\n\r\t\u0001\u00e9\ud83d\ude00 x"#, true, &mut out);
        assert_eq!(out, of("\"\\/\u{8}\u{c}\n\r\t\u{1}é😀 x".as_bytes()));
        assert_eq!(of(br"\n"), br"\n");
    }
}
