//! Porter2 (Snowball English) stemmer: cuts a word to the stem that its inflections share.
//!
//! Written after the published description, M. F. Porter, "The English (Porter2) stemming algorithm"
//! (snowballstem.org/algorithms/english/stemmer.html), in its classic form of 2001 to 2023: the form that the
//! retrieval figures were measured with. Checked word by word against `rust-stemmers` in `tests/stem.rs`.

use crate::stem_steps::{step_2, step_3, step_4};

/// Stems a lower-case ASCII word in place and returns the length of the stem, never more than the word's.
///
/// A word that is shorter than three bytes or not all ASCII stays as it is. Bytes behind the returned length are
/// left in an unspecified state.
///
/// ```
/// let mut word = *b"generalizations";
/// let len = aetherv_text::stem::stem(&mut word);
/// assert_eq!(&word[..len], b"general");
/// ```
pub fn stem(word: &mut [u8]) -> usize {
    if word.len() < 3 || !word.is_ascii() {
        return word.len();
    }
    let mut w = Word { len: word.len(), bytes: word, r1: 0, r2: 0 };
    if let Some(whole) = exception(w.get()) {
        w.replace(w.len, whole);
        return w.len;
    }
    w.prelude();
    w.mark_regions();
    step_0(&mut w);
    step_1a(&mut w);
    let stays: [&[u8]; 8] =
        [b"inning", b"outing", b"canning", b"herring", b"earring", b"proceed", b"exceed", b"succeed"];
    if !stays.contains(&w.get()) {
        step_1b(&mut w);
        step_1c(&mut w);
        step_2(&mut w);
        step_3(&mut w);
        step_4(&mut w);
        step_5(&mut w);
    }
    w.bytes.iter_mut().filter(|b| **b == b'Y').for_each(|b| *b = b'y');
    w.len
}

/// Words that follow no rule, and their stems.
static EXCEPTIONS: [(&str, &str); 18] = [
    ("skis", "ski"),
    ("skies", "sky"),
    ("sky", "sky"),
    ("dying", "die"),
    ("lying", "lie"),
    ("tying", "tie"),
    ("idly", "idl"),
    ("gently", "gentl"),
    ("ugly", "ugli"),
    ("early", "earli"),
    ("only", "onli"),
    ("singly", "singl"),
    ("news", "news"),
    ("howe", "howe"),
    ("atlas", "atlas"),
    ("cosmos", "cosmos"),
    ("bias", "bias"),
    ("andes", "andes"),
];

fn exception(word: &[u8]) -> Option<&'static [u8]> {
    let known = EXCEPTIONS.iter().find(|known| word.len() <= 6 && known.0.as_bytes() == word);
    known.map(|known| known.1.as_bytes())
}

/// A word in work: `Y` marks a y that stands for a consonant.
pub(crate) struct Word<'a> {
    bytes: &'a mut [u8],
    len: usize,
    /// Where region R1 begins; may lie behind the end once suffixes have gone.
    r1: usize,
    /// Where region R2 begins.
    r2: usize,
}

impl Word<'_> {
    /// The word as it stands.
    pub(crate) fn get(&self) -> &[u8] {
        self.bytes.get(..self.len).unwrap_or(&[])
    }

    /// The byte `n` places before the end (1 = the last), 0 where the word is shorter.
    pub(crate) fn back(&self, n: usize) -> u8 {
        self.len.checked_sub(n).and_then(|i| self.bytes.get(i)).copied().unwrap_or(0)
    }

    /// The last eight bytes as a number, the last in the low bits; zeros before a shorter word.
    pub(crate) fn tail(&self) -> u64 {
        match self.get().last_chunk::<8>() {
            Some(last) => u64::from_be_bytes(*last),
            None => self.get().iter().fold(0, |tail, &b| tail << 8 | u64::from(b)),
        }
    }

    /// Whether a suffix of `n` bytes lies in region R1.
    pub(crate) fn in_r1(&self, n: usize) -> bool {
        self.r1 + n <= self.len
    }

    /// Whether a suffix of `n` bytes lies in region R2.
    pub(crate) fn in_r2(&self, n: usize) -> bool {
        self.r2 + n <= self.len
    }

    /// Replaces the last `n` bytes by `new`, which is never longer.
    #[inline(never)] // called from many places and seldom
    pub(crate) fn replace(&mut self, n: usize, new: &[u8]) {
        let at = self.len.saturating_sub(n);
        if let Some(to) = self.bytes.get_mut(at..at + new.len()) {
            to.copy_from_slice(new);
            self.len = at + new.len();
        }
    }

    /// Drops a leading apostrophe and marks each y that begins the word or follows a vowel as consonant.
    fn prelude(&mut self) {
        if self.get().first() == Some(&b'\'') {
            self.bytes.copy_within(1..self.len, 0);
            self.len -= 1;
        }
        let mut after_vowel = true;
        for b in self.bytes.iter_mut().take(self.len) {
            if *b == b'y' && after_vowel {
                *b = b'Y';
            }
            after_vowel = is_vowel(*b);
        }
    }

    /// Finds R1 (behind the first vowel and consonant, or a given prefix) and R2 (the same again within R1).
    fn mark_regions(&mut self) {
        let word = self.get();
        let prefixes: [&[u8]; 3] = [b"gener", b"commun", b"arsen"];
        let prefix = prefixes.iter().find(|p| word.starts_with(p));
        let r1 = prefix.map_or_else(|| after_vowel_consonant(word, 0), |p| p.len());
        let r2 = after_vowel_consonant(word, r1);
        (self.r1, self.r2) = (r1, r2);
    }

    /// Whether the part before the last `n` bytes holds a vowel.
    fn has_vowel_before(&self, n: usize) -> bool {
        self.get().iter().take(self.len.saturating_sub(n)).any(|&b| is_vowel(b))
    }

    /// Whether the part before the last `n` bytes ends in a short syllable.
    fn short_syllable_before(&self, n: usize) -> bool {
        let (last, vowel, first) = (self.back(n + 1), self.back(n + 2), self.back(n + 3));
        if last == 0 || is_vowel(last) || !is_vowel(vowel) {
            return false;
        }
        match first {
            0 => true, // the vowel begins the word
            _ => !is_vowel(first) && !matches!(last, b'w' | b'x' | b'Y'),
        }
    }
}

/// Whether a byte is a vowel: a e i o u y.
fn is_vowel(b: u8) -> bool {
    matches!(b, b'a' | b'e' | b'i' | b'o' | b'u' | b'y')
}

/// The place behind the first consonant that follows a vowel, searched from `from`; the length if there is none.
fn after_vowel_consonant(word: &[u8], from: usize) -> usize {
    let mut vowel = false;
    for (i, &b) in word.iter().enumerate().skip(from) {
        let now = is_vowel(b);
        if vowel && !now {
            return i + 1;
        }
        vowel = now;
    }
    word.len()
}

/// Step 0: the possessive endings.
fn step_0(w: &mut Word<'_>) {
    let endings: [&[u8]; 3] = [b"'s'", b"'s", b"'"];
    if let Some(ending) = endings.iter().find(|e| w.get().ends_with(e)) {
        w.replace(ending.len(), b"");
    }
}

/// Step 1a: plural endings.
fn step_1a(w: &mut Word<'_>) {
    let word = w.get();
    if word.ends_with(b"sses") {
        w.replace(2, b"");
    } else if word.ends_with(b"ied") || word.ends_with(b"ies") {
        w.replace(3, if w.len > 4 { b"i" } else { b"ie" });
    } else if w.back(1) == b's' && !matches!(w.back(2), b's' | b'u') && w.has_vowel_before(2) {
        w.replace(1, b"");
    }
}

/// Step 1b: past and progressive endings, and what they leave behind.
fn step_1b(w: &mut Word<'_>) {
    let endings: [&[u8]; 6] = [b"eedly", b"ingly", b"edly", b"eed", b"ing", b"ed"];
    let Some(n) = endings.iter().find(|e| w.get().ends_with(e)).map(|e| e.len()) else {
        return;
    };
    if w.get().ends_with(b"eed") || w.get().ends_with(b"eedly") {
        if w.in_r1(n) {
            w.replace(n, b"ee");
        }
        return;
    }
    if !w.has_vowel_before(n) {
        return;
    }
    w.replace(n, b"");
    match (w.back(2), w.back(1)) {
        (b'a', b't') | (b'b', b'l') | (b'i', b'z') => w.replace(0, b"e"),
        (a, b) if a == b && b"bdfgmnprt".contains(&a) => w.replace(1, b""),
        _ if w.r1 == w.len && w.short_syllable_before(0) => w.replace(0, b"e"),
        _ => {}
    }
}

/// Step 1c: a final y behind a consonant, not at the word's second place.
fn step_1c(w: &mut Word<'_>) {
    if matches!(w.back(1), b'y' | b'Y') && w.len > 2 && !is_vowel(w.back(2)) {
        w.replace(1, b"i");
    }
}

/// Step 5: a final e or double l.
fn step_5(w: &mut Word<'_>) {
    let goes = match w.back(1) {
        b'e' => w.in_r2(1) || (w.in_r1(1) && !w.short_syllable_before(1)),
        b'l' => w.in_r2(1) && w.back(2) == b'l',
        _ => false,
    };
    if goes {
        w.replace(1, b"");
    }
}
