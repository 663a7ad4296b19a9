//! The lexical meaning of a question, as plainly as it can be told: every row read for itself, every term tried.

use super::{Ask, Corpus, Part};
use aetherv_lsm::clause::{Kind, Occur};
use aetherv_segment::fields::each_term;
use aetherv_segment::lengths::{class_of, length_of};
use aetherv_text::tuning::{
    CHUNK_SHARE, EDIT_WEIGHTS, EXPANSIONS_MAX, FIELDS, PREFIX_WEIGHT, TUNING, WHOLE, auto_edits,
};
use aetherv_text::{Analyzer, Language, Languages, is_sign, tokens};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// A word of a row: its term, field and position.
type Word = (String, usize, u32);

/// The words of every row, and lengths as their classes say.
pub struct Lexicon<'a> {
    corpus: &'a Corpus,
    words: Vec<Vec<Word>>,
    lens: Vec<[u32; FIELDS]>,
    languages: Vec<Language>,
}

/// Weighted frequencies in sixteenths, by field.
type Times = [u32; FIELDS];

/// A group: weight of the score, and what it says of each row.
type Group = (Occur, f32, usize, Box<dyn Fn(&[Word]) -> Times>);

/// What the clauses leave of a mask, and the lexical score of the rows that hold a term.
pub struct Scored {
    pub mask: Vec<u32>,
    pub scores: HashMap<u32, f32>,
}

impl<'a> Lexicon<'a> {
    pub fn new(corpus: &'a Corpus) -> Self {
        let (mut words, mut lens, mut languages) = (Vec::new(), Vec::new(), Vec::new());
        let mut analyzer = Analyzer::new();
        for row in &corpus.rows {
            let mut own = Vec::new();
            let language = analyzer.language(&[&row.path, &row.text]);
            let counts = each_term(&mut analyzer, language, &row.path, &row.text, |field, position, term| {
                own.push((term.to_owned(), field, position));
            });
            languages.push(language);
            words.push(own);
            lens.push(counts.map(|len| length_of(class_of(len))));
        }
        Self { corpus, words, lens, languages }
    }

    fn section(&self, vno: u32) -> (&str, &str) {
        let row = &self.corpus.rows[vno as usize];
        (&row.doc, &row.path)
    }

    /// The score of every row of `mask`, with the statistics of `view` alone (D4).
    pub fn score(&self, ask: &Ask, view: &[u32], mask: &[u32]) -> Scored {
        let mut mask: Vec<u32> = mask.to_vec();
        let mut sections: BTreeMap<_, Vec<u32>> = BTreeMap::new();
        view.iter().for_each(|&vno| sections.entry(self.section(vno)).or_default().push(vno));
        let section_lens: BTreeMap<_, [u32; FIELDS]> = sections
            .iter()
            .map(|(section, rows)| {
                (*section, over(rows.iter().map(|&vno| self.lens[vno as usize])).map(|len| length_of(class_of(len))))
            })
            .collect();
        let averages = [means(view.iter().map(|&vno| self.lens[vno as usize])), means(section_lens.values().copied())];
        let (mut chunk, mut whole) = (HashMap::<u32, f32>::new(), HashMap::<(&str, &str), f32>::new());
        for (occur, weight, presumed, times) in ask.clauses.iter().flat_map(|clause| self.groups(clause, view)) {
            let all: BTreeMap<u32, Times> = view
                .iter()
                .map(|&vno| (vno, times(&self.words[vno as usize])))
                .filter(|(_, t)| *t != [0; FIELDS])
                .collect();
            match occur {
                Occur::Not => mask.retain(|vno| !all.contains_key(vno)),
                Occur::Must => mask.retain(|vno| all.contains_key(vno)),
                Occur::Should => {}
            }
            if occur == Occur::Not {
                continue;
            }
            let idf = idf(view.len(), all.len() + presumed) * weight;
            for (&vno, &times) in &all {
                *chunk.entry(vno).or_default() += idf * bm25f(times, self.lens[vno as usize], averages[0]);
            }
            let mut by_section: BTreeMap<_, Vec<Times>> = BTreeMap::new();
            all.iter().for_each(|(&vno, &times)| by_section.entry(self.section(vno)).or_default().push(times));
            let idf =
                self::idf(sections.len(), by_section.len() + presumed * sections.len() / view.len().max(1)) * weight;
            for (section, times) in by_section {
                let own = bm25f(over(times.into_iter()), section_lens[&section], averages[1]);
                *whole.entry(section).or_default() += idf * own;
            }
        }
        let found: Vec<u32> = mask.iter().copied().filter(|vno| ask.lexical && chunk.contains_key(vno)).collect();
        let best = chunk.values().copied().fold(0.0, f32::max);
        let best_section = whole.values().copied().fold(0.0, f32::max);
        let total = |vno: u32| {
            CHUNK_SHARE * chunk[&vno] + (1.0 - CHUNK_SHARE) * (whole[&self.section(vno)] * (best / best_section))
        };
        Scored { scores: found.into_iter().map(|vno| (vno, total(vno))).collect(), mask }
    }

    fn groups(&self, clause: &Part, view: &[u32]) -> Vec<Group> {
        let (occur, boost, fields) = (clause.occur, clause.boost, clause.fields);
        let presuming = move |members: BTreeMap<String, u16>, weight: f32, presumed: u32| -> Group {
            let times = move |words: &[Word]| {
                let mut times = [0; FIELDS];
                for (term, field, _) in words.iter().filter(|(_, field, _)| fields >> field & 1 == 1) {
                    times[*field] += u32::from(members.get(term).copied().unwrap_or(0));
                }
                times
            };
            (occur, weight, presumed as usize, Box::new(times))
        };
        let of_members = move |members, weight| presuming(members, weight, 0);
        let mut held = Languages::default();
        view.iter().for_each(|&vno| held.insert(self.languages[vno as usize]));
        let asked = || Analyzer::new().query_terms(&clause.text, &held);
        let all = |terms: Vec<String>| match terms.as_slice() {
            [sign] if is_sign(sign) => self.with_pairs(sign, view),
            _ => terms.into_iter().map(|term| (term, WHOLE)).collect(),
        };
        match clause.kind {
            Kind::Words => {
                let mut counts = BTreeMap::<(Vec<String>, u32), u32>::new();
                asked().into_iter().for_each(|word| *counts.entry((word.terms, word.presumed)).or_default() += 1);
                let group = |((terms, presumed), count)| presuming(all(terms), boost * count as f32, presumed);
                counts.into_iter().map(group).collect()
            }
            Kind::Phrase(slop) => {
                let words = asked().into_iter();
                let mut terms: Vec<(Vec<String>, i64)> = words.map(|of| (of.terms, i64::from(of.position))).collect();
                match terms.len() {
                    0 => Vec::new(),
                    1 => vec![of_members(all(terms.remove(0).0), boost)],
                    _ => {
                        let times = move |words: &[Word]| {
                            let mut times = [0; FIELDS];
                            for field in (0..FIELDS).filter(|field| fields >> field & 1 == 1) {
                                times[field] = u32::from(WHOLE) * phrases(words, field, &terms, i64::from(slop));
                            }
                            times
                        };
                        vec![(occur, boost, 0, Box::new(times) as Box<dyn Fn(&[Word]) -> Times>)]
                    }
                }
            }
            Kind::Prefix => folded(&clause.text, &held)
                .into_iter()
                .map(|(word, stem)| of_members(self.completed(&word, &stem, view), boost))
                .collect(),
            Kind::Fuzzy(edits) => folded(&clause.text, &held)
                .into_iter()
                .map(|(word, stem)| {
                    let edits = edits.map_or_else(|| auto_edits(word.chars().count()), usize::from);
                    of_members(self.mended(&word, &stem, edits, view), boost)
                })
                .collect(),
        }
    }

    /// In how many rows of the view each term is.
    fn vocabulary(&self, view: &[u32]) -> BTreeMap<&str, usize> {
        let mut counts = BTreeMap::new();
        for &vno in view {
            let own: BTreeSet<&str> = self.words[vno as usize].iter().map(|word| word.0.as_str()).collect();
            own.into_iter().for_each(|term| *counts.entry(term).or_default() += 1);
        }
        counts
    }

    /// One sign of a script without spaces, and pairs that hold it at half the weight.
    fn with_pairs(&self, sign: &str, view: &[u32]) -> BTreeMap<String, u16> {
        let vocabulary = self.vocabulary(view).into_keys().filter(|term| term.contains(sign));
        vocabulary.map(|term| (term.to_owned(), if term == sign { WHOLE } else { EDIT_WEIGHTS[1] })).collect()
    }

    fn completed(&self, word: &str, stems: &[String], view: &[u32]) -> BTreeMap<String, u16> {
        if is_sign(word) {
            return self.with_pairs(word, view);
        }
        let vocabulary = self.vocabulary(view);
        let mut fits: Vec<(&str, usize)> =
            vocabulary.iter().map(|(t, df)| (*t, *df)).filter(|(t, _)| t.starts_with(word)).collect();
        fits.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        fits.truncate(EXPANSIONS_MAX);
        let mut members: BTreeMap<String, u16> = fits.iter().map(|(t, _)| ((*t).to_owned(), PREFIX_WEIGHT)).collect();
        let chars: Vec<char> = word.chars().collect();
        for exact in stems.iter().map(String::as_str).chain([word]) {
            if members.contains_key(exact) || (exact != word && vocabulary.contains_key(exact)) {
                members.insert(exact.to_owned(), WHOLE);
            }
        }
        if members.is_empty() {
            for cut in 1..=chars.len().saturating_sub(3).min(4) {
                let shorter: String = chars[..chars.len() - cut].iter().collect();
                if vocabulary.contains_key(shorter.as_str()) {
                    members.insert(shorter, WHOLE);
                    break;
                }
            }
        }
        members
    }

    fn mended(&self, word: &str, stems: &[String], edits: usize, view: &[u32]) -> BTreeMap<String, u16> {
        let chars: Vec<char> = word.chars().collect();
        let cost = |term: &str| {
            let stem = stems.iter().map(|stem| distance(stem, term)).min().unwrap_or(usize::MAX);
            let mut best = stem.min(distance(word, term));
            if stems.iter().any(|stem| stem == term) {
                return 0;
            }
            for keep in chars.len().saturating_sub(4).max(5)..chars.len() {
                best = best.min(distance(&chars[..keep].iter().collect::<String>(), term) + 1);
            }
            best.max(1)
        };
        let mut near: Vec<(usize, usize, &str)> = self
            .vocabulary(view)
            .into_iter()
            .filter(|(term, _)| stems.iter().any(|stem| stem == term) || term.chars().next() == word.chars().next())
            .map(|(term, df)| (cost(term), usize::MAX - df, term))
            .filter(|(cost, ..)| *cost <= edits)
            .collect();
        near.sort_unstable();
        near.truncate(EXPANSIONS_MAX);
        near.into_iter().map(|(cost, _, term)| (term.to_owned(), EDIT_WEIGHTS[cost])).collect()
    }
}

/// Words as they are folded, and their stems.
fn folded(text: &str, held: &Languages) -> Vec<(String, Vec<String>)> {
    let mut words = Vec::new();
    tokens(text, |t| words.push((t.word.to_owned(), t.folded())));
    let stems = |word: &str, folded: &str| {
        let first = Analyzer::new().query_terms(word, held).into_iter().next();
        first.map_or_else(|| vec![folded.to_owned()], |group| group.terms)
    };
    words.into_iter().map(|(word, folded)| (folded.clone(), stems(&word, &folded))).collect()
}

/// How often the terms stand in a field so that each is at its place, give or take the slop.
fn phrases(words: &[Word], field: usize, terms: &[(Vec<String>, i64)], slop: i64) -> u32 {
    let lists: Vec<Vec<i64>> = terms
        .iter()
        .map(|(term, place)| {
            let own = words.iter().filter(|word| term.contains(&word.0) && word.1 == field);
            let mut own: Vec<i64> = own.map(|word| i64::from(word.2) - place).collect();
            own.sort_unstable();
            own
        })
        .collect();
    // Greedy from the left: the window that begins at the least unused number.
    let (mut at, mut count) = (vec![0; lists.len()], 0);
    while let Some(heads) = lists.iter().zip(&at).map(|(l, a)| l.get(*a).copied()).collect::<Option<Vec<i64>>>() {
        let (least, most) = (*heads.iter().min().unwrap(), *heads.iter().max().unwrap());
        let fits = most - least <= slop;
        count += u32::from(fits);
        for (at, head) in at.iter_mut().zip(&heads) {
            *at += usize::from(fits || *head == least);
        }
    }
    count
}

/// Optimal string alignment by the whole table.
fn distance(a: &str, b: &str) -> usize {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let mut d = vec![vec![0; b.len() + 1]; a.len() + 1];
    for i in 0..=a.len() {
        for j in 0..=b.len() {
            if i == 0 || j == 0 {
                d[i][j] = i + j;
                continue;
            }
            let mut best = d[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            best = best.min(d[i - 1][j] + 1).min(d[i][j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                best = best.min(d[i - 2][j - 2] + 1);
            }
            d[i][j] = best;
        }
    }
    d[a.len()][b.len()]
}

/// Of a section: title and headings of its rows once, body and code of all.
fn over(rows: impl Iterator<Item = Times>) -> Times {
    rows.fold([0; FIELDS], |sum, own| [sum[0].max(own[0]), sum[1].max(own[1]), sum[2] + own[2], sum[3] + own[3]])
}

fn means(lens: impl Iterator<Item = Times> + Clone) -> [f32; FIELDS] {
    std::array::from_fn(|field| {
        let own = lens.clone().map(|lens| u64::from(lens[field])).filter(|len| *len > 0);
        let (sum, count) = own.fold((0u64, 0u32), |(sum, count), len| (sum + len, count + 1));
        if count == 0 { 0.0 } else { sum as f32 / count as f32 }
    })
}

fn idf(units: usize, df: usize) -> f32 {
    // Presumed ones may be counted twice, but no more than there are.
    let df = df.min(units);
    (1.0 + (units as f64 - df as f64 + 0.5) / (df as f64 + 0.5)).ln() as f32
}

fn bm25f(times: Times, lens: Times, averages: [f32; FIELDS]) -> f32 {
    let mut sum = 0.0f32;
    for field in (0..FIELDS).filter(|field| times[*field] > 0) {
        let b = TUNING.b[field];
        let norm = if averages[field] > 0.0 { (1.0 - b) + b * (lens[field] as f32 / averages[field]) } else { 1.0 };
        sum += times[field] as f32 * (TUNING.boosts[field] / 16.0 / norm);
    }
    ((TUNING.k1 + 1.0) * sum) / (TUNING.k1 + sum)
}
