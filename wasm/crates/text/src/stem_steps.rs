//! Steps 2 to 4 of the Porter2 stemmer: the derivational suffixes.

use crate::stem::Word;

/// A suffix and what replaces it; each list holds longer suffixes before their own endings.
#[derive(Clone, Copy)]
struct Rule {
    /// The suffix as [`Word::tail`] would give it, at most seven bytes.
    suffix: u64,
    len: usize,
    new: &'static [u8],
}

/// A rule from its suffix and replacement.
const fn rule(suffix: &[u8], new: &'static [u8]) -> Rule {
    let (len, mut packed, mut rest) = (suffix.len(), 0, suffix);
    while let [first, after @ ..] = rest {
        packed = packed << 8 | *first as u64;
        rest = after;
    }
    Rule { suffix: packed, len, new }
}

static STEP_2: [Rule; 22] = [
    rule(b"ization", b"ize"),
    rule(b"ational", b"ate"),
    rule(b"fulness", b"ful"),
    rule(b"ousness", b"ous"),
    rule(b"iveness", b"ive"),
    rule(b"tional", b"tion"),
    rule(b"biliti", b"ble"),
    rule(b"lessli", b"less"),
    rule(b"entli", b"ent"),
    rule(b"ation", b"ate"),
    rule(b"alism", b"al"),
    rule(b"aliti", b"al"),
    rule(b"ousli", b"ous"),
    rule(b"iviti", b"ive"),
    rule(b"fulli", b"ful"),
    rule(b"enci", b"ence"),
    rule(b"anci", b"ance"),
    rule(b"abli", b"able"),
    rule(b"izer", b"ize"),
    rule(b"ator", b"ate"),
    rule(b"alli", b"al"),
    rule(b"bli", b"ble"),
];

static STEP_3: [Rule; 8] = [
    rule(b"ational", b"ate"),
    rule(b"tional", b"tion"),
    rule(b"alize", b"al"),
    rule(b"icate", b"ic"),
    rule(b"iciti", b"ic"),
    rule(b"ical", b"ic"),
    rule(b"ness", b""),
    rule(b"ful", b""),
];

static STEP_4: [Rule; 17] = [
    rule(b"ement", b""),
    rule(b"ance", b""),
    rule(b"ence", b""),
    rule(b"able", b""),
    rule(b"ible", b""),
    rule(b"ment", b""),
    rule(b"ant", b""),
    rule(b"ent", b""),
    rule(b"ism", b""),
    rule(b"ate", b""),
    rule(b"iti", b""),
    rule(b"ous", b""),
    rule(b"ive", b""),
    rule(b"ize", b""),
    rule(b"al", b""),
    rule(b"er", b""),
    rule(b"ic", b""),
];

/// The first rule whose suffix the word has.
#[inline(never)] // else each list is unrolled into a chain of comparisons, which is larger and no faster
fn rule_for(word: &Word<'_>, rules: &'static [Rule]) -> Option<&'static Rule> {
    let tail = word.tail();
    rules.iter().find(|r| tail & ((1 << (8 * r.len)) - 1) == r.suffix)
}

/// Step 2: double suffixes, in R1.
pub(crate) fn step_2(w: &mut Word<'_>) {
    if let Some(rule) = rule_for(w, &STEP_2) {
        if w.in_r1(rule.len) {
            w.replace(rule.len, rule.new);
        }
    } else if w.get().ends_with(b"ogi") {
        if w.in_r1(3) && w.back(4) == b'l' {
            w.replace(1, b"");
        }
    } else if w.get().ends_with(b"li") && w.in_r1(2) && b"cdeghkmnrt".contains(&w.back(3)) {
        w.replace(2, b"");
    }
}

/// Step 3: suffixes in R1, `ative` in R2.
pub(crate) fn step_3(w: &mut Word<'_>) {
    if let Some(rule) = rule_for(w, &STEP_3) {
        if w.in_r1(rule.len) {
            w.replace(rule.len, rule.new);
        }
    } else if w.get().ends_with(b"ative") && w.in_r2(5) {
        w.replace(5, b"");
    }
}

/// Step 4: suffixes that go, in R2.
pub(crate) fn step_4(w: &mut Word<'_>) {
    if let Some(rule) = rule_for(w, &STEP_4) {
        if w.in_r2(rule.len) {
            w.replace(rule.len, rule.new);
        }
    } else if w.get().ends_with(b"ion") && w.in_r2(3) && matches!(w.back(4), b's' | b't') {
        w.replace(3, b"");
    }
}
