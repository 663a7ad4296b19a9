//! Reads JSON as `JSON.stringify` writes it, without blanks: finds a value by its key and hands out members and elements as they stand.
//! What is not JSON ends where it is found to be none; nothing is read twice and nothing panics.

use crate::spelling;

/// The value under a key: of the object itself, or else along the path that the key is, split at its dots.
pub fn value_at<'a>(json: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut parts = key.splitn(2, |byte| *byte == b'.');
    let (first, rest) = (parts.next()?, parts.next());
    let (mut whole, mut head) = (None, None);
    members(json, &mut |name, value| {
        if is_spelt(name, key) {
            whole = Some(value);
        } else if rest.is_some() && is_spelt(name, first) {
            head = Some(value);
        }
        whole.is_none()
    });
    whole.or_else(|| rest?.split(|byte| *byte == b'.').try_fold(head?, member_of))
}

/// The value of an object's member; nothing of what is no object.
pub fn member_of<'a>(json: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    members(json, &mut |name, value| {
        found = is_spelt(name, key).then_some(value);
        found.is_none()
    });
    found
}

/// Calls `each` with names and values of an object, as long as it says so; `None` at the end.
fn members<'a>(json: &'a [u8], each: &mut dyn FnMut(&'a [u8], &'a [u8]) -> bool) -> Option<()> {
    let mut rest = json.strip_prefix(b"{")?;
    loop {
        let name_end = string_end(rest, 0)?;
        let name = rest.get(1..name_end - 1)?;
        let (value, after) = rest.get(name_end + 1..).and_then(|rest| rest.split_at_checked(value_end(rest)?))?;
        if !each(name, value) {
            return None;
        }
        rest = after.strip_prefix(b",")?;
    }
}

/// Calls `each` with every element of a list.
pub fn elements<'a>(json: &'a [u8], each: &mut dyn FnMut(&'a [u8])) {
    let Some(mut rest) = json.strip_prefix(b"[") else { return };
    while let Some((element, tail)) = value_end(rest).and_then(|end| rest.split_at_checked(end)) {
        if element.is_empty() {
            return;
        }
        each(element);
        let Some(after) = tail.strip_prefix(b",") else { return };
        rest = after;
    }
}

fn is_spelt(name: &[u8], key: &[u8]) -> bool {
    if !name.contains(&b'\\') {
        return name == key;
    }
    let mut spelt = Vec::new();
    spelling::put(name, true, &mut spelt);
    spelt == spelling::of(key)
}

/// Where a value ends that another one, or the end of what holds it, follows.
fn value_end(json: &[u8]) -> Option<usize> {
    let (mut at, mut depth) = (0, 0u32);
    loop {
        match json.get(at)? {
            b'"' => at = string_end(json, at)? - 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth > 0 => depth -= 1,
            b'}' | b']' => return Some(at),
            b',' if depth == 0 => return Some(at),
            _ => {}
        }
        at += 1;
    }
}

/// The place after the string that begins at `at`.
fn string_end(json: &[u8], at: usize) -> Option<usize> {
    if json.get(at) != Some(&b'"') {
        return None;
    }
    let mut at = at + 1;
    loop {
        at += json.get(at..)?.iter().position(|byte| matches!(byte, b'"' | b'\\'))?;
        if json.get(at) == Some(&b'"') {
            return Some(at + 1);
        }
        at += 2;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(json: &'a str, key: &str) -> Option<&'a str> {
        value_at(json.as_bytes(), key.as_bytes()).map(|value| std::str::from_utf8(value).unwrap())
    }

    #[test]
    fn finds_values_by_key_and_by_path() {
        let json = r#"{"n":5,"s":"a,\"}b","a":{"b":{"c":[1,{"d":2}]},"":0},"a.b":"whole","q\"\\":7,"tab\t":8,"e":{},"é":true}"#;
        assert_eq!(at(json, "n"), Some("5"));
        assert_eq!(at(json, "s"), Some(r#""a,\"}b""#));
        assert_eq!(at(json, "a.b"), Some(r#""whole""#));
        assert_eq!(at(json, "a.b.c"), Some(r#"[1,{"d":2}]"#));
        assert_eq!(at(json, "a."), Some("0"));
        assert_eq!(at(json, "q\"\\"), Some("7"));
        assert_eq!(at(json, "tab\t"), Some("8"));
        assert_eq!(at(json, "e"), Some("{}"));
        assert_eq!(at(json, "é"), Some("true"));
        for missing in ["x", "n.x", "a.b.c.0", "a.b.c.d", "e.x", "", "."] {
            assert_eq!(at(json, missing), None, "{missing}");
        }
        assert_eq!(at("{}", "a"), None);
        assert_eq!(at("", "a"), None);
    }

    #[test]
    fn hands_out_the_elements_of_lists() {
        let all = |json: &'static str| {
            let mut all = Vec::new();
            elements(json.as_bytes(), &mut |item| all.push(std::str::from_utf8(item).unwrap()));
            all
        };
        assert_eq!(all(r#"[1,"a,]",[2,3],{"x":[]},null]"#), ["1", r#""a,]""#, "[2,3]", r#"{"x":[]}"#, "null"]);
        assert!(all("[]").is_empty() && all("{}").is_empty());
    }

    #[test]
    fn damage_is_a_missing_value() {
        let whole = r#"{"k":{"a":["x",1,{"b":"\\"}]},"z":1}"#.as_bytes();
        for cut in 0..whole.len() {
            for byte in *b"\"\\{}[],:0" {
                let mut bytes = whole.get(..=cut).unwrap().to_vec();
                bytes[cut] = byte;
                for key in [b"z".as_slice(), b"k.a", b"a"] {
                    if let Some(value) = value_at(&bytes, key) {
                        elements(value, &mut |_| {});
                    }
                }
            }
        }
    }
}
