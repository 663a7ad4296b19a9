//! Which rows hold the words of a phrase one after another.
//!
//! Each word's positions (of all terms that it has) are moved back by its place in the phrase; the phrase is where all of them then coincide, or
//! with slop s where they lie within s of each other. Positions are decoded only of rows that hold all terms.

use crate::shard::Shard;
use crate::terms::Group;
use crate::view::View;
use aetherv_core::Bits;
use aetherv_core::order::sort_by;
use aetherv_segment::Frequencies;
use aetherv_segment::list::{Occurrence, each_row};
use aetherv_text::tuning::FIELDS;

impl Shard {
    /// Calls `f(vno, times in each field)` for the rows of the parts of a view that hold the phrase.
    pub(crate) fn each_phrase(&self, view: &View, group: &Group, f: &mut dyn FnMut(u32, Frequencies)) {
        for part in view.parts.iter().map(Some).chain([None]) {
            let mut common: Option<Bits> = None;
            for word in group.terms.chunk_by(|a, b| a.word == b.word) {
                let mut rows = Bits::default();
                for member in word {
                    self.part_rows(part, &member.term, &mut |row, _| rows.set(row));
                }
                common = Some(common.map_or_else(|| rows.clone(), |common| common.and(&rows)));
            }
            let common = common.unwrap_or_default();
            if common.is_empty() {
                continue;
            }
            let mut all: Vec<(u32, Vec<Occurrence>)> = Vec::with_capacity(group.terms.len());
            for word in group.terms.chunk_by(|a, b| a.word == b.word) {
                let mut own = Vec::new();
                for member in word {
                    self.part_occurrences(part, &member.term, &common, &mut |o| own.push(o));
                }
                if word.len() > 1 {
                    sort_by(&mut own, &Ord::cmp);
                }
                all.push((word.first().map_or(0, |member| member.place), own));
            }
            self.each_match(part, group, &all, f);
        }
    }

    fn each_match(
        &self,
        part: Option<u32>,
        group: &Group,
        all: &[(u32, Vec<Occurrence>)],
        f: &mut dyn FnMut(u32, Frequencies),
    ) {
        let mut rest: Vec<&[Occurrence]> = all.iter().map(|(_, own)| own.as_slice()).collect();
        each_row(rest.first().copied().unwrap_or_default(), |row, _, _| {
            let mut own: Vec<&[Occurrence]> = Vec::with_capacity(rest.len());
            for list in &mut rest {
                let from = list.partition_point(|o| o.row() < row);
                let to = list.partition_point(|o| o.row() <= row);
                own.push(list.get(from..to).unwrap_or_default());
                *list = list.get(to..).unwrap_or_default();
            }
            let mut times = Frequencies::NONE;
            for field in 0..FIELDS {
                let lists: Vec<Vec<i64>> = own
                    .iter()
                    .zip(all)
                    .map(|(list, (place, _))| {
                        let own = list.iter().filter(|o| o.field() == field);
                        own.map(|o| i64::from(o.position()) - i64::from(*place)).collect()
                    })
                    .collect();
                times.add(field, matches(&lists, i64::from(group.slop.unwrap_or_default())).len() as u32);
            }
            if times != Frequencies::NONE {
                f(self.part_vno(part, row), times);
            }
        });
    }
}

/// Where the rising numbers of all lists lie within `slop` of each other: the numbers chosen, each used once.
pub fn matches(lists: &[Vec<i64>], slop: i64) -> Vec<Vec<i64>> {
    let mut at = vec![0; lists.len()];
    let mut found = Vec::new();
    loop {
        let heads: Option<Vec<i64>> = lists.iter().zip(&at).map(|(list, at)| list.get(*at).copied()).collect();
        let Some(heads) = heads.filter(|heads| !heads.is_empty()) else {
            return found;
        };
        let (least, most) = heads.iter().fold((i64::MAX, i64::MIN), |(l, m), head| (l.min(*head), m.max(*head)));
        let fits = most - least <= slop;
        for (at, head) in at.iter_mut().zip(&heads) {
            // A match uses all of them up; else the first one cannot be part of any.
            *at += usize::from(fits || *head == least);
        }
        if fits {
            found.push(heads);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn matches_lie_within_the_slop() {
        let lists = [vec![1, 5, 9], vec![2, 5, 12]];
        assert_eq!(matches(&lists, 0), [[5, 5]]);
        assert_eq!(matches(&lists, 1), [[1, 2], [5, 5]]);
        assert_eq!(matches(&lists, 3), [[1, 2], [5, 5], [9, 12]]);
        assert!(matches(&[vec![1], vec![]], 9).is_empty() && matches(&[], 1).is_empty());
    }
}
