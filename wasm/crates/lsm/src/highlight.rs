//! Which words of a chunk the query matched: terms that stand for its words in the view, and whole phrases.

use crate::clause::{Clause, Occur, write_all};
use crate::phrase::matches;
use crate::shard::Shard;
use crate::terms::{Group, Member};
use aetherv_core::Result;
use aetherv_core::order::sort_by;
use aetherv_text::Sought;
use aetherv_text::highlight::units;
use aetherv_text::tuning::{BODY, CODE};

/// A term's place in the text: its position, first byte and the byte after it.
type Spot = (i64, usize, usize);

/// The groups of the last query that was asked about, for its other hits.
#[derive(Default)]
pub struct Asked {
    view: u32,
    generation: u64,
    clauses: Vec<u8>,
    pub(crate) groups: Vec<Group>,
}

impl Asked {
    /// What a search found that its clauses stand for: its hits will be asked about next.
    pub(crate) fn of(view: u32, generation: u64, clauses: &[Clause<'_>], groups: Vec<Group>) -> Self {
        Self { view, generation, clauses: write_all(clauses), groups }
    }

    /// The groups that a text can show.
    fn shown(&self) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(|group| group.occur != Occur::Not && group.fields & (1 << BODY | 1 << CODE) != 0)
    }
}

impl Shard {
    /// Words of a chunk's text that clauses (as [`Clause::read_all`] takes them) match in a view, as half-open UTF-16
    /// offsets into that text, start and end in turn.
    ///
    /// # Errors
    /// `AV_INTERNAL` when there is no such ordinal or view, or the clauses cannot be read.
    pub fn highlights(&mut self, view: u32, vno: u32, clauses: &[u8]) -> Result<Vec<u32>> {
        let asked = std::mem::take(&mut self.asked);
        let is_known = asked.view == view && asked.generation == self.rows.generation && asked.clauses == clauses;
        self.asked = if is_known && !clauses.is_empty() { asked } else { self.resolve(view, clauses)? };
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let language = self.rows.language_of(vno);
        let spans = self.text_of(vno).map(|text| {
            let members = self.asked.shown().flat_map(|group| &group.terms);
            let mut spots: Vec<(&str, Vec<Spot>)> = members.map(|member| (member.term.as_str(), Vec::new())).collect();
            sort_by(&mut spots, &|a, b| a.0.cmp(b.0));
            spots.dedup_by_key(|(term, _)| *term);
            if spots.is_empty() {
                return Vec::new();
            }
            let sought = Sought::new(spots.iter().map(|(term, _)| *term));
            analyzer.terms_of(language, text, &sought, &mut |t| {
                if let Ok(at) = spots.binary_search_by(|(term, _)| (*term).cmp(t.term)) {
                    let spot = (i64::from(t.position), t.start, t.end);
                    spots.get_mut(at).into_iter().for_each(|(_, own)| own.push(spot));
                }
            });
            let mut ranges: Vec<(usize, usize)> = Vec::new();
            self.asked.shown().for_each(|group| mark(group, &spots, &mut ranges));
            sort_by(&mut ranges, &Ord::cmp);
            units(text, &ranges)
        });
        self.analyzer = analyzer;
        Ok(spans?.into_iter().flat_map(|(start, end)| [start, end]).collect())
    }

    fn resolve(&mut self, view: u32, clauses: &[u8]) -> Result<Asked> {
        self.views.refresh(view, &self.rows, &self.text);
        let read = Clause::read_all(clauses)?;
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let groups = self.views.get(view).and_then(|view| self.groups(&mut analyzer, &read, view));
        self.analyzer = analyzer;
        Ok(Asked { view, generation: self.rows.generation, clauses: clauses.to_vec(), groups: groups? })
    }
}

/// Adds what a group matches of the places of its terms.
fn mark(group: &Group, all: &[(&str, Vec<Spot>)], ranges: &mut Vec<(usize, usize)>) {
    let spots = |term: &str| {
        let at = all.binary_search_by(|(known, _)| (*known).cmp(term)).ok();
        at.and_then(|at| all.get(at)).map(|(_, own)| own.as_slice()).unwrap_or_default()
    };
    let Some(slop) = group.slop else {
        let all = group.terms.iter().flat_map(|member| spots(&member.term));
        return ranges.extend(all.map(|(_, start, end)| (*start, *end)));
    };
    // Of each word the places of its terms, moved back by its own in the phrase.
    let of_word = |members: &[Member]| {
        let moved = |member: &Member| {
            let place = i64::from(member.place);
            spots(&member.term).iter().map(move |&(at, start, end)| (at - place, start, end))
        };
        let mut all: Vec<Spot> = members.iter().flat_map(moved).collect();
        sort_by(&mut all, &Ord::cmp);
        all
    };
    let words: Vec<Vec<Spot>> = group.terms.chunk_by(|a, b| a.word == b.word).map(of_word).collect();
    let lists: Vec<Vec<i64>> = words.iter().map(|spots| spots.iter().map(|(at, ..)| *at).collect()).collect();
    for heads in matches(&lists, i64::from(slop)) {
        for (spots, head) in words.iter().zip(heads) {
            let own = spots.iter().find(|(at, ..)| *at == head);
            ranges.extend(own.map(|(_, start, end)| (*start, *end)));
        }
    }
}
