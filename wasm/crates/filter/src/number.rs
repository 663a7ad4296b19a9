//! Numbers of JSON as f64, rounded as `JSON.parse` does. Small: std's own brings ten kilobytes of tables.

use std::iter::repeat_n;

/// The number that is written here in JSON; digits after the nineteenth count as zeros, and `JSON.stringify` writes none there.
pub fn parse(text: &[u8]) -> Option<f64> {
    let unsigned = text.strip_prefix(b"-").unwrap_or(text);
    let (mut mantissa, mut exponent, mut is_fraction) = (0u64, 0i32, false);
    let mut rest = unsigned;
    while let Some((byte, after)) = rest.split_first() {
        rest = after;
        match byte {
            b'0'..=b'9' if mantissa < 10u64.pow(18) => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                exponent -= i32::from(is_fraction);
            }
            b'0'..=b'9' => exponent += i32::from(!is_fraction),
            b'.' => is_fraction = true,
            b'e' | b'E' => {
                exponent = exponent.saturating_add(whole(rest)?);
                break;
            }
            _ => return None,
        }
    }
    let value = if unsigned.is_empty() { None } else { Some(scaled(mantissa, exponent)) };
    value.map(|value| if unsigned.len() < text.len() { -value } else { value })
}

/// An exponent, as far as it matters.
fn whole(text: &[u8]) -> Option<i32> {
    let unsigned = text.strip_prefix(b"-").or(text.strip_prefix(b"+")).unwrap_or(text);
    let value = unsigned.iter().try_fold(0, |value: i32, byte| {
        byte.is_ascii_digit().then(|| (value * 10 + i32::from(byte - b'0')).min(9999))
    })?;
    Some(if text.first() == Some(&b'-') { -value } else { value })
}

/// `mantissa` x 10^`exponent`, rounded once.
fn scaled(mantissa: u64, exponent: i32) -> f64 {
    if mantissa < 1 << 53 && exponent.abs() <= 22 {
        // Both are exact, so the one operation rounds right.
        let power = (0..exponent.abs()).fold(1.0, |power: f64, _| power * 10.0);
        return if exponent < 0 { mantissa as f64 / power } else { mantissa as f64 * power };
    }
    if mantissa == 0 || exponent < -400 {
        return 0.0;
    }
    if exponent > 310 {
        return f64::INFINITY;
    }
    exact(mantissa, exponent)
}

/// The same in whole numbers of any length, lowest 32 bits first.
fn exact(mantissa: u64, exponent: i32) -> f64 {
    // So many zeros below that a quotient keeps 64 bits and more.
    let zeros = if exponent < 0 { 3 + exponent.unsigned_abs() as usize / 9 } else { 0 };
    let mut words: Vec<u32> = repeat_n(0, zeros).chain([mantissa as u32, (mantissa >> 32) as u32]).collect();
    let (mut left, mut inexact) = (exponent.unsigned_abs(), false);
    while left > 0 {
        let step = left.min(9);
        let power = 10u64.pow(step);
        if exponent < 0 {
            let rest = words.iter_mut().rev().fold(0, |rest, word| {
                let value = rest << 32 | u64::from(*word);
                *word = (value / power) as u32;
                value % power
            });
            inexact |= rest > 0;
        } else {
            let carry = words.iter_mut().fold(0, |carry, word| {
                let value = u64::from(*word) * power + carry;
                *word = value as u32;
                value >> 32
            });
            words.push(carry as u32);
        }
        left -= step;
    }
    while words.last() == Some(&0) {
        words.pop();
    }
    // The highest 96 bits, then 64 without the zeros above; what is below only says that there is more.
    let mut highest = words.iter().rev().copied();
    let mut next = || u64::from(highest.next().unwrap_or_default());
    let (first, second) = (next() << 32 | next(), next());
    let shift = first.leading_zeros();
    let more = (second << shift) as u32 > 0 || highest.any(|word| word > 0) || inexact;
    let top = first << shift | second << shift >> 32 | u64::from(more);
    nearest(top, 32 * (words.len() as i32 - zeros as i32 - 2) - shift as i32)
}

/// `top` x 2^`exponent`, `top`'s highest bit set, to the nearest f64; ties to even.
fn nearest(top: u64, exponent: i32) -> f64 {
    // 53 bits stay, fewer where f64 has no smaller unit than 2^-1074.
    let drop = (-1074 - exponent).max(11);
    if drop > 64 {
        return 0.0;
    }
    let kept = top.checked_shr(drop as u32).unwrap_or(0);
    let (rest, half) = (top - kept.checked_shl(drop as u32).unwrap_or(0), 1u64 << (drop - 1));
    let rounded = kept + u64::from(rest > half || rest == half && kept & 1 == 1);
    let place = exponent + drop + 1074;
    if place > 2045 { f64::INFINITY } else { f64::from_bits(((place as u64) << 52) + rounded) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn same(text: &str) {
        let want: f64 = text.parse().unwrap();
        assert_eq!(parse(text.as_bytes()).map(f64::to_bits), Some(want.to_bits()), "{text}");
    }

    #[test]
    fn reads_what_std_reads() {
        for text in [
            "0",
            "-0",
            "5",
            "-5",
            "0.1",
            "0.5",
            "123456789012345680000",
            "9007199254740993",
            "9007199254740992",
            "1.7976931348623157e308",
            "1.7976931348623159e308",
            "4.9e-324",
            "5e-324",
            "2.4703282292062327e-324",
            "2.4703282292062328e-324",
            "2.2250738585072014e-308",
            "2.2250738585072011e-308",
            "1e23",
            "8.5e22",
            "1e400",
            "1e-400",
            "1E+5",
            "1e21",
            "0.000001",
            "1e-7",
            "-1.5e-7",
            "179769313486231580793e289",
            "1e22",
            "1e309",
            "18446744073709551615",
            "0.30000000000000004",
            "9999999999999999999",
        ] {
            same(text);
        }
        for text in ["", "-", "x", "1x", "1e", "e5"] {
            let _ = parse(text.as_bytes());
        }
        assert_eq!(parse(b"tru"), None);
    }

    #[test]
    fn every_double_comes_back_as_it_was() {
        let mut state = 0x9e37_79b9_7f4a_7c15u64;
        for round in 0..200_000 {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            let value = match round % 4 {
                0 => f64::from_bits(state),
                1 => state as f64 / 2f64.powi(64),
                2 => f64::from_bits(state >> 12),
                _ => (state >> 40) as f64 / 1000.0,
            };
            if value.is_finite() {
                same(&format!("{value:e}"));
                if (1e-7..1e21).contains(&value.abs()) {
                    same(&format!("{value}"));
                }
            }
        }
    }
}
