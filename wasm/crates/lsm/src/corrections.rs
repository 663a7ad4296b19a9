//! What a mistyped word may have been meant to be.

use crate::found::Found;
use crate::shard::Shard;
use crate::terms::{counted, united, words};
use crate::view::View;
use aetherv_core::Result;
use aetherv_segment::text::must_stem;
use aetherv_text::tokens;
use aetherv_text::tuning::auto_edits;

/// A word of the view that is near a mistyped one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Correction {
    /// The word as it stands in the view, folded.
    pub word: String,
    /// Edits between the two, of their stems where those are nearer.
    pub edits: usize,
    /// Rows of the view that hold its term.
    pub rows: u32,
}

impl Shard {
    /// At most `most` corrections of the first word of a text: fewest edits, then most rows, then first by their bytes. A
    /// word that the view holds comes with 0 edits. Terms are stems; of each, the word shown is the first of the row with
    /// the least version id.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an unknown view, `AV_MODEL_UNAVAILABLE`.
    pub fn corrections(&mut self, view: u32, text: &str, most: usize) -> Result<Vec<Correction>> {
        self.views.refresh(view, &self.rows, &self.text);
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let mut word = String::new();
        tokens(text, |token| {
            if word.is_empty() {
                word.push_str(token.word);
            }
        });
        if word.is_empty() {
            self.analyzer = analyzer;
            return Ok(Vec::new());
        }
        let found = self.views.get(view).and_then(|view| {
            view.languages.iter().try_for_each(|language| must_stem(&analyzer, language))?;
            let (word, stems) = words(&mut analyzer, &word, &view.languages).into_iter().next().unwrap_or_default();
            let edits = auto_edits(word.chars().count()).max(1);
            let mut near = self.themselves(&stems, view);
            near.extend(self.near(&word, &stems, edits, view));
            let shown = |(edits, rows, term): (usize, u32, String)| {
                Some(Correction { word: self.word_of(&mut analyzer, view, &term)?, edits, rows })
            };
            Ok(counted(near, most).into_iter().filter_map(shown).collect())
        });
        self.analyzer = analyzer;
        found
    }

    /// At most `most` words of the view that the last word of a text, not empty, is the beginning of: those in most rows
    /// first, then first by their bytes; words as [`Self::corrections`] gives them.
    ///
    /// # Errors
    /// `AV_INTERNAL` for an unknown view.
    pub fn completions(&mut self, view: u32, text: &str, most: usize) -> Result<Vec<Correction>> {
        self.views.refresh(view, &self.rows, &self.text);
        let mut analyzer = std::mem::take(&mut self.analyzer);
        let mut word = String::new();
        tokens(text, |token| word = token.folded());
        let found = self.views.get(view).and_then(|view| {
            view.languages.iter().try_for_each(|language| must_stem(&analyzer, language))?;
            let mut longer = Vec::new();
            self.each_term_from(view, &word, &mut |term, rows| {
                let fits = !word.is_empty() && term.starts_with(&word);
                if fits {
                    longer.push((0, rows(), term.to_owned()));
                }
                fits
            });
            let shown = |(edits, rows, term): (usize, u32, String)| {
                Some(Correction { word: self.word_of(&mut analyzer, view, &term)?, edits, rows })
            };
            Ok(counted(united(longer), most).into_iter().filter_map(shown).collect())
        });
        self.analyzer = analyzer;
        found
    }

    /// A word whose term this is.
    fn word_of(&self, analyzer: &mut aetherv_text::Analyzer, view: &View, term: &str) -> Option<String> {
        let mut rows = Found::default();
        self.each_posting(view, term, &mut rows);
        let first = rows.rows.into_iter().min_by(|a, b| self.by_version(*a, *b))?;
        let language = self.rows.language_of(first);
        let (chunks, row) = self.chunk(first)?;
        let mut found = None;
        for text in [chunks.text(row), chunks.path(row)] {
            let mut at = None;
            analyzer.terms(language, text, |t| at = at.or((t.term == term).then_some((t.start, t.end))));
            let word = at.and_then(|(start, end)| text.get(start..end));
            tokens(word.unwrap_or_default(), |token| {
                found.get_or_insert_with(|| token.word.to_owned());
            });
        }
        found
    }
}
