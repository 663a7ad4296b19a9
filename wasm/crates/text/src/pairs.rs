//! Cuts runs of scripts without spaces into overlapping pairs, and into single signs for questions of one sign.
//!
//! Pairs find as well as words of a dictionary do, and need none (Nie, Gao, Zhang and Zhou, "On the Use of Words and
//! N-grams for Chinese Information Retrieval", 2000).

use crate::normal::{join_voiced, lower};
use crate::script::{Class, Script};
use crate::token::{Raw, Tokenizer};

/// Is a term one sign of a script without spaces? In a longer run it stands in pairs and not by itself.
#[must_use]
pub fn is_sign(term: &str) -> bool {
    sign(term, 0).is_some_and(|(_, end)| end == term.len())
}

/// Reads the run that starts at `at`; returns its end.
pub(crate) fn run(tokens: &mut Tokenizer, text: &str, at: usize, f: &mut Raw<'_>) -> usize {
    let (mut start, mut next) = (at, sign(text, at));
    while let Some((script, middle)) = next {
        next = sign(text, middle).filter(|&(other, _)| other == script);
        if let Some((_, end)) = next {
            fill(tokens, text, start, end);
            tokens.give(start, end, script, f);
        } else if start == at {
            fill(tokens, text, start, middle);
            tokens.give(start, middle, script, f);
        }
        tokens.position += 1;
        start = middle;
    }
    start.max(at + 1)
}

fn fill(tokens: &mut Tokenizer, text: &str, start: usize, end: usize) {
    tokens.word.clear();
    // A flood of marks on one sign is no reason to keep them all.
    for c in text.get(start..end).unwrap_or("").chars().take(8) {
        lower(c, &mut |d| {
            if !join_voiced(&mut tokens.word, d) {
                tokens.word.push(d);
            }
        });
    }
}

/// The sign that starts at byte `at`: its script, and where it ends with the marks after it.
fn sign(text: &str, at: usize) -> Option<(Script, usize)> {
    let mut chars = text.get(at..)?.chars();
    let c = chars.next()?;
    let Class::Letter(script) = Class::of(c) else {
        return None;
    };
    let marks: usize = chars.take_while(|&c| Class::of(c) == Class::Mark).map(char::len_utf8).sum();
    script.is_unspaced().then_some((script, at + c.len_utf8() + marks))
}

#[cfg(test)]
mod tests {
    use super::is_sign;

    #[test]
    fn signs_of_scripts_without_spaces() {
        assert!(["猫", "ก", "ที่"].into_iter().all(is_sign));
        assert!(!["", "猫猫", "ไฟ", "a", "猫a", "é"].into_iter().any(is_sign));
    }
}
