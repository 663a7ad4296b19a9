//! Names of code: `getUserName`, `user_name`, `build.outDir`, `--max-old-space-size`, `v5.0.1`.
//!
//! A name gives itself as one word without its joints, so that its spellings meet, and its parts, so that the words in
//! it are found. Version numbers keep their dots. Only ASCII: names of code are.

use crate::eight::up_to_eight;
use crate::script::Script;
use crate::token::{MAX_WORD_CHARS, Raw, Token, Tokenizer};

/// Joins the parts of a name, between two letters or digits.
fn is_joint(b: u8) -> bool {
    matches!(b, b'_' | b'.' | b'-')
}

/// Where the part between the last joint and `end` starts.
pub(crate) fn last_part(bytes: &[u8], at: usize, end: usize) -> usize {
    let name = bytes.get(at..end).unwrap_or_default();
    name.iter().rposition(|&b| is_joint(b)).map_or(at, |joint| at + joint + 1)
}

/// Where the part that starts at `at` ends: at a joint, before the capital of `outDir`, before the last of `HTMLElement`.
#[inline]
fn part_end(name: &[u8], at: usize) -> usize {
    let byte = |i: usize| name.get(i).copied().unwrap_or(b'.');
    let mut end = at + 1;
    while end < name.len() && !is_joint(byte(end)) {
        let (before, after) = (byte(end - 1), byte(end + 1));
        if byte(end).is_ascii_uppercase()
            && (before.is_ascii_lowercase() || (after.is_ascii_lowercase() && !is_joint(before)))
        {
            break;
        }
        end += 1;
    }
    end
}

impl Tokenizer {
    /// Gives the words of the name in `start..end` to `f`.
    pub(crate) fn name(&mut self, text: &str, start: usize, end: usize, f: &mut Raw<'_>) {
        let word = text.get(start..end).unwrap_or_default();
        let first = part_end(word.as_bytes(), 0);
        if first < word.len() {
            let is_option = start.checked_sub(1).and_then(|i| text.as_bytes().get(i)) == Some(&b'-');
            return self.parted(word, start, first, is_option, f);
        }
        self.ascii(word, start, end, f);
        self.number(word, start, end, f);
        self.position += 1;
    }

    /// Gives the number of a word like `v5` to `f`.
    #[inline]
    pub(crate) fn number(&self, word: &str, start: usize, end: usize, f: &mut Raw<'_>) {
        if let Some(number) = version(word) {
            self.ascii(number, start + 1, end, f);
        }
    }

    /// Gives an ASCII word to `f` as it stands.
    fn ascii(&self, word: &str, start: usize, end: usize, f: &mut Raw<'_>) {
        let word = word.get(..MAX_WORD_CHARS).unwrap_or(word);
        let head = up_to_eight(word.as_bytes());
        f(Token { start, end, word, position: self.position, script: Script::Latin }, head);
    }

    /// A name of several parts, the first of which ends at `first`.
    #[inline(never)]
    fn parted(&mut self, word: &str, start: usize, first: usize, is_option: bool, f: &mut Raw<'_>) {
        let name = word.as_bytes();
        if name.len() <= MAX_WORD_CHARS && (is_option || !is_compound(name)) {
            self.whole(name);
            self.give(start, start + name.len(), Script::Latin, f);
        }
        let (mut at, mut end) = (0, first);
        loop {
            let part = word.get(at..end).unwrap_or_default();
            let number = version(part).unwrap_or(part);
            self.ascii(number, start + end - number.len(), start + end, f);
            self.position += 1;
            at = end + usize::from(name.get(end).copied().is_some_and(is_joint));
            if at >= name.len() {
                return;
            }
            end = part_end(name, at);
        }
    }

    /// Takes a whole name in hand: without its joints, but for one between two digits, which becomes a dot.
    fn whole(&mut self, name: &[u8]) {
        let (mut own, mut len, mut dots) = ([0; MAX_WORD_CHARS], 0, false);
        let digit = |at: usize| name.get(at).is_some_and(u8::is_ascii_digit);
        for (at, &byte) in name.iter().enumerate() {
            let is_dot = is_joint(byte) && at > 0 && digit(at - 1) && digit(at + 1);
            dots |= is_dot;
            own.get_mut(len).into_iter().for_each(|place| *place = if is_dot { b'.' } else { byte });
            len += usize::from(is_dot || !is_joint(byte));
        }
        let is_version = dots && digit(1) && matches!(name.first(), Some(b'v' | b'V'));
        self.word.clear();
        let own = own.get(usize::from(is_version)..len).and_then(|own| str::from_utf8(own).ok());
        self.word.push_str(own.unwrap_or_default());
    }
}

/// Is it words with hyphens, which prose has more often than code? As one word they find less (measured: Cranfield 0.360
/// instead of 0.367).
fn is_compound(name: &[u8]) -> bool {
    name.iter().all(|&b| b == b'-' || b.is_ascii_lowercase())
}

/// The number of a part like `v5`.
#[inline]
fn version(part: &str) -> Option<&str> {
    let number = part.strip_prefix(['v', 'V'])?;
    (!number.is_empty() && number.bytes().all(|b| b.is_ascii_digit())).then_some(number)
}

#[cfg(test)]
mod tests {
    use crate::token::tokens;

    fn list(text: &str) -> String {
        let mut out = Vec::new();
        tokens(text, |t| out.push(format!("{}{}", t.word, t.position)));
        out.join(" ")
    }

    #[test]
    fn names_give_the_whole_and_the_parts() {
        assert_eq!(list("getUserName"), "getusername0 get0 user1 name2");
        assert_eq!(list("get_user_name x"), "getusername0 get0 user1 name2 x3");
        assert_eq!(list("build.outDir"), "buildoutdir0 build0 out1 dir2");
        assert_eq!(list("vite.config.ts."), "viteconfigts0 vite0 config1 ts2");
        assert_eq!(list("--max-old-space-size"), "maxoldspacesize0 max0 old1 space2 size3");
        assert_eq!(list("boundary-layer Mach-2"), "boundary0 layer1 mach22 mach2 23");
        assert_eq!(list("HTMLElement parseXML"), "htmlelement0 html0 element1 parsexml2 parse2 xml3");
        assert_eq!(list("src/index/load.ts"), "src0 index1 loadts2 load2 ts3");
        assert_eq!(list("utf8 H2O WASM es2015"), "utf80 h2o1 wasm2 es20153");
    }

    #[test]
    fn versions_keep_their_dots() {
        assert_eq!(list("v5.0.1"), "5.0.10 50 01 12");
        assert_eq!(list("5.0.1 v5"), "5.0.10 50 01 12 v53 53");
        assert_eq!(list("vite@5.1"), "vite0 5.11 51 12");
        assert_eq!(list("2024-01-05"), "2024.01.050 20240 011 052");
    }

    #[test]
    fn joints_alone_make_no_name() {
        assert_eq!(list("__dirname a--b ._. -x- e. g"), "dirname0 a1 b2 x3 e4 g5");
        let long = format!("{}z", "ab.".repeat(1000));
        assert_eq!(list(&long).split(' ').count(), 1001);
    }
}
