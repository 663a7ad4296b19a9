//! Which rows of a view clauses match, and what the view knows of the words of a text.

use crate::clause::{Clause, Occur};
use crate::shard::Shard;
use crate::view::View;
use aetherv_core::{Bits, Result};
use aetherv_segment::text::must_stem;
use aetherv_text::tokens;
use aetherv_text::tuning::TUNING;

/// The view holds the word.
const HELD: u32 = 1;
/// Something that the view holds begins with the word.
const BEGUN: u32 = 2;
/// Numbers that [`Shard::words`] gives of each word.
pub const NUMBERS_PER_WORD: usize = 3;

impl Shard {
    /// The rows of a view, within a mask if there is one, that hold a word of the clauses that should or must be there,
    /// every one that must, and none that must not; all rows but those when no clause has a word to look for. 32 a word.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an unknown handle.
    pub fn matches(&mut self, view: u32, mask: Option<u32>, clauses: &[Clause<'_>]) -> Result<Vec<u32>> {
        self.views.refresh(view, &self.rows, &self.text);
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let groups = self.views.get(view).and_then(|view| self.groups(&mut analyzer, clauses, view));
        self.analyzer = analyzer;
        let mut groups = groups?;
        // Rows that match are those that have any score: every word has to have one.
        groups.iter_mut().for_each(|group| group.weight = 1.0);
        let looks = groups.iter().any(|group| group.occur != Occur::Not);
        let mut lexical = std::mem::take(&mut self.scratch.lexical);
        lexical.resize(self.rows.place.len(), self.sections.len());
        let found = self.views.get(view).and_then(|view| {
            let mask = self.within(view, mask)?;
            Ok(self.score_groups(&groups, &TUNING, view, mask, &mut lexical).into_owned())
        });
        let mut rows = Bits::default();
        lexical.rows.iter().for_each(|&vno| rows.set(vno));
        lexical.clear();
        self.scratch.lexical = lexical;
        Ok(if looks { rows } else { found? }.into_words())
    }

    /// Of every word of a text but stop words: its first UTF-16 unit, the one after it, and 1 if the view holds the word,
    /// plus 2 if it ends a text that is `unfinished` and something in the view begins with it. A name of code is one word, which the view holds
    /// if it holds the name or all its parts.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an unknown view, `AV_MODEL_UNAVAILABLE`.
    pub fn words(&mut self, view: u32, text: &str, unfinished: bool) -> Result<Vec<u32>> {
        self.views.refresh(view, &self.rows, &self.text);
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let (mut byte, mut unit, mut last) = (0, 0, 0);
        let mut out = Vec::new();
        let found = self.views.get(view).and_then(|view| {
            view.languages.iter().try_for_each(|language| must_stem(&analyzer, language))?;
            tokens(text, |token| {
                if token.start < last {
                    return;
                }
                last = token.end;
                unit += units(text, byte, token.start);
                byte = token.start;
                let source = text.get(token.start..token.end).unwrap_or_default();
                let groups = analyzer.query_terms(source, &view.languages);
                let stems = groups.first().map(|group| group.terms.as_slice()).unwrap_or_default();
                let begun = unfinished && token.end == text.len() && self.begins(&token.folded(), stems, view);
                if !groups.is_empty() {
                    let any = |terms: &[String]| terms.iter().any(|term| self.holds(view, term));
                    let held = any(stems) || groups.iter().skip(1).all(|group| any(&group.terms)) && groups.len() > 1;
                    let state = if held { HELD } else { 0 } | if begun { BEGUN } else { 0 };
                    out.extend([unit, unit + units(text, token.start, token.end), state]);
                }
            });
            Ok(())
        });
        self.analyzer = analyzer;
        found.map(|()| out)
    }

    /// Does a prefix clause of this word find anything?
    fn begins(&self, word: &str, stems: &[String], view: &View) -> bool {
        let mut found = false;
        self.each_term_from(view, word, &mut |term, _| {
            found = found || (term.starts_with(word) && self.holds(view, term));
            !found && term.starts_with(word)
        });
        found || !self.completed(word, stems, view).is_empty()
    }
}

/// Length of a part of a text in UTF-16 units.
fn units(text: &str, from: usize, to: usize) -> u32 {
    text.get(from..to).unwrap_or_default().chars().map(|c| c.len_utf16() as u32).sum()
}
