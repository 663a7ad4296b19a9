//! From clauses to groups of terms: what stands for each word of a query in this view.
//!
//! A word completed or mended has many terms; they count as one: their frequencies add up (those of likelier terms weigh
//! more) and the rows that hold any of them are the rows of the group.

use crate::clause::{Clause, Kind, Occur};
use crate::shard::Shard;
use crate::view::View;
use aetherv_core::Result;
use aetherv_core::order::sort_by;
use aetherv_segment::text::must_stem;
use aetherv_text::edit::Distance;
use aetherv_text::tuning::{EDIT_WEIGHTS, EXPANSIONS_MAX, PAIRS_MAX, PREFIX_WEIGHT, WHOLE, auto_edits};
use aetherv_text::{Analyzer, Languages, is_sign, tokens};

/// Letters that a word may have more than a term that it begins with: endings that stemming took off.
const ENDING_MAX: usize = 4;
/// Letters that such a term has at least.
const STEM_MIN: usize = 3;
/// No term before it is of a script without spaces.
const UNSPACED: &str = "\u{e00}";

/// Terms that count as one.
#[derive(Clone, Debug)]
pub struct Group {
    /// Whether a hit needs it.
    pub occur: Occur,
    /// Weight of its score: the clause's boost, once for every time that the word is said.
    pub weight: f32,
    /// Bit f: field f counts.
    pub fields: u8,
    /// The terms with their weights in steps, or of a phrase with their places.
    pub terms: Vec<Member>,
    /// At most so many places out of order, if the terms are a phrase.
    pub slop: Option<u32>,
    /// Rows that count as if they held it, besides those that do.
    pub presumed: u32,
}

/// A term of a group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The term.
    pub term: String,
    /// Its weight in steps of [`WHOLE`].
    pub weight: u16,
    /// Its place in a phrase.
    pub place: u32,
    /// Which word of a phrase it stands for; a word has a term for each language of the rows.
    pub word: u32,
}

impl Shard {
    /// The groups of clauses in a view, in an order that depends on the query alone.
    ///
    /// # Errors
    /// `AV_MODEL_UNAVAILABLE` when stemmers of the view's languages are not loaded.
    pub(crate) fn groups(&self, analyzer: &mut Analyzer, clauses: &[Clause<'_>], view: &View) -> Result<Vec<Group>> {
        let mut groups = Vec::new();
        if !clauses.is_empty() {
            view.languages.iter().try_for_each(|language| must_stem(analyzer, language))?;
        }
        for clause in clauses {
            let group = |terms, times: u32, slop| Group {
                occur: clause.occur,
                weight: clause.boost * times as f32,
                fields: clause.fields,
                terms,
                slop,
                presumed: 0,
            };
            match clause.kind {
                Kind::Words => {
                    let words = analyzer.query_terms(clause.text, &view.languages).into_iter();
                    let mut words: Vec<(Vec<String>, u32)> = words.map(|word| (word.terms, word.presumed)).collect();
                    sort_by(&mut words, &Ord::cmp);
                    for same in words.chunk_by(|a, b| a == b) {
                        let (terms, presumed) = same.first().cloned().unwrap_or_default();
                        groups.push(Group { presumed, ..group(self.word(&terms, view), same.len() as u32, None) });
                    }
                }
                Kind::Phrase(slop) => {
                    let words = analyzer.query_terms(clause.text, &view.languages);
                    if let [word] = words.as_slice() {
                        groups.push(group(self.word(&word.terms, view), 1, None));
                        continue;
                    }
                    let slop = Some(slop);
                    let members = (0..)
                        .zip(words)
                        .flat_map(|(word, of)| of.terms.into_iter().map(move |term| whole(term, of.position, word)));
                    let members: Vec<Member> = members.collect();
                    if !members.is_empty() {
                        groups.push(group(members, 1, slop));
                    }
                }
                Kind::Prefix => {
                    for (word, stems) in words(analyzer, clause.text, &view.languages) {
                        groups.push(group(self.completed(&word, &stems, view), 1, None));
                    }
                }
                Kind::Fuzzy(edits) => {
                    for (word, stems) in words(analyzer, clause.text, &view.languages) {
                        let letters = word.chars().count();
                        let edits = edits.map_or_else(|| auto_edits(letters), usize::from);
                        groups.push(group(self.mended(&word, &stems, edits, view), 1, None));
                    }
                }
            }
        }
        Ok(groups)
    }

    /// The terms of one word.
    fn word(&self, terms: &[String], view: &View) -> Vec<Member> {
        match terms {
            [sign] if is_sign(sign) => self.with_pairs(sign, view),
            _ => terms.iter().map(|term| whole(term.clone(), 0, 0)).collect(),
        }
    }

    /// The term of one sign of a script without spaces, and the pairs that it is in: a run of signs is cut into those.
    fn with_pairs(&self, sign: &str, view: &View) -> Vec<Member> {
        let mut found = vec![(0, self.df(view, sign), sign.to_owned())];
        self.each_term_from(view, UNSPACED, &mut |term, rows| {
            if term != sign && term.as_bytes().windows(sign.len().max(1)).any(|part| part == sign.as_bytes()) {
                // Of half the weight: a sign amid others is in two pairs.
                found.push((1, rows(), term.to_owned()));
            }
            true
        });
        likeliest(united(found), PAIRS_MAX, WHOLE)
    }

    /// Terms that a word begins, and the term that it is. What is longer than its own stem begins no term: then the
    /// longest term that it begins with.
    pub(crate) fn completed(&self, word: &str, stems: &[String], view: &View) -> Vec<Member> {
        if is_sign(word) {
            return self.with_pairs(word, view);
        }
        let mut found = Vec::new();
        self.each_term_from(view, word, &mut |term, rows| {
            let fits = term.starts_with(word);
            if fits {
                found.push((0, rows(), term.to_owned()));
            }
            fits
        });
        let mut members = likeliest(united(found), EXPANSIONS_MAX, PREFIX_WEIGHT);
        let is_exact = |term: &String| term == word || stems.contains(term);
        members.iter_mut().filter(|member| is_exact(&member.term)).for_each(|exact| exact.weight = WHOLE);
        for stem in stems {
            if members.iter().all(|member| member.term != *stem) && self.holds(view, stem) {
                members.push(whole(stem.clone(), 0, 0));
            }
        }
        if members.is_empty() {
            let most = word.chars().count().saturating_sub(STEM_MIN).min(ENDING_MAX);
            let mut shorter = word.char_indices().rev().take(most).filter_map(|(at, _)| word.get(..at));
            members.extend(shorter.find(|term| self.holds(view, term)).map(|term| whole(term.to_owned(), 0, 0)));
        }
        members
    }

    /// Terms within so many edits of a word or of its stems that begin with the same letter, and terms that the word
    /// begins with but for an ending, which counts as one edit.
    fn mended(&self, word: &str, stems: &[String], edits: usize, view: &View) -> Vec<Member> {
        let mut found = self.themselves(stems, view);
        if edits > 0 {
            found.extend(self.near(word, stems, edits, view));
        }
        likeliest(found, EXPANSIONS_MAX, WHOLE)
    }

    /// Stems as terms without an edit.
    pub(crate) fn themselves(&self, stems: &[String], view: &View) -> Vec<Candidate> {
        stems.iter().map(|stem| (0, self.df(view, stem), stem.clone())).collect()
    }

    /// Terms near a word or a stem of it, by the first stem that they are near to; the stems themselves are none of them.
    pub(crate) fn near(&self, word: &str, stems: &[String], edits: usize, view: &View) -> Vec<Candidate> {
        let mut found = Vec::new();
        let first: String = word.chars().take(1).collect();
        let mut to_stems: Vec<Distance> = stems.iter().map(|stem| Distance::new(stem, edits)).collect();
        let mut to_word = stems.iter().any(|stem| stem != word).then(|| Distance::new(word, edits));
        let letters = word.chars().count();
        let shortest = letters.saturating_sub(ENDING_MAX).max(STEM_MIN + 2).min(letters);
        let ended = |row: &[u8]| {
            let cut = row.get(shortest..letters).unwrap_or_default().iter().min().map(|d| d.saturating_add(1));
            row.last().copied().into_iter().chain(cut).min()
        };
        let mut look = |term: &str| {
            let by_word = to_word.as_mut().and_then(|to| to.row(term).and_then(ended));
            let least = to_stems.iter_mut().zip(stems).find_map(|(to, stem)| {
                let least = to.to(term).into_iter().chain(by_word.filter(|_| word != stem)).min();
                least.map(usize::from).filter(|least| *least <= edits)
            });
            if let Some(least) = least {
                if stems.iter().all(|stem| stem != term) {
                    found.push((least.max(1), self.df(view, term), term.to_owned()));
                }
                return None;
            }
            // What begins like this is far from all of them.
            to_stems.iter().chain(&to_word).try_fold(0, |most, to| to.far().map(|far| most.max(far)))
        };
        let mut vocabulary = self.vocabulary.take();
        vocabulary.refresh(&self.text);
        vocabulary.each(&first, &mut look);
        self.vocabulary.set(vocabulary);
        self.mem.postings.each_from(first.as_bytes(), &mut |term, _| {
            let own = str::from_utf8(term).ok().filter(|term| term.starts_with(&first));
            own.into_iter().for_each(|term| _ = look(term));
            own.is_some()
        });
        found
    }
}

/// Edits, rows of the view and term.
pub(crate) type Candidate = (usize, u32, String);

/// At most `most` of the terms that the view holds, as [`counted`] orders them.
fn likeliest(found: Vec<Candidate>, most: usize, weight: u16) -> Vec<Member> {
    let member = |(edits, _, term): Candidate| {
        let share = EDIT_WEIGHTS.get(edits).copied().unwrap_or_default();
        Member { term, weight: (weight * share / WHOLE).max(1), place: 0, word: 0 }
    };
    counted(found, most).into_iter().map(member).collect()
}

/// At most `most` of the terms that the view holds: fewest edits, then most rows, then by their bytes. A term that comes
/// several times counts as it came first.
pub(crate) fn counted(mut found: Vec<Candidate>, most: usize) -> Vec<Candidate> {
    sort_by(&mut found, &|a, b| a.2.cmp(&b.2));
    found.dedup_by(|a, b| a.2 == b.2);
    found.retain(|(_, rows, _)| *rows > 0);
    // What ties stays in the order of its bytes.
    sort_by(&mut found, &|a, b| a.0.cmp(&b.0).then(b.1.cmp(&a.1)));
    found.truncate(most);
    found
}

/// Terms of one walk over all parts, each once, with its rows of all of them.
pub(crate) fn united(mut found: Vec<Candidate>) -> Vec<Candidate> {
    sort_by(&mut found, &|a, b| a.2.cmp(&b.2));
    found.dedup_by(|more, kept| {
        let same = more.2 == kept.2;
        kept.1 += if same { more.1 } else { 0 };
        same
    });
    found
}

fn whole(term: String, place: u32, word: u32) -> Member {
    Member { term, weight: WHOLE, place, word }
}

/// The words of a text, folded, with their stems in every language of the rows. A stop word is a word here: it may be the
/// beginning of another.
pub(crate) fn words(analyzer: &mut Analyzer, text: &str, held: &Languages) -> Vec<(String, Vec<String>)> {
    let mut words = Vec::new();
    tokens(text, |token| words.push((token.word.to_owned(), token.folded())));
    let stemmed = |(word, folded): (String, String)| {
        let stems = analyzer.query_terms(&word, held).into_iter().next().map(|group| group.terms);
        (folded.clone(), stems.unwrap_or_else(|| vec![folded]))
    };
    words.into_iter().map(stemmed).collect()
}
