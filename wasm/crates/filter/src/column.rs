//! The values of all rows under one key, sorted: every condition is then a few searches, and the rows between two places.

use crate::code::{Order, Test, Value};
use crate::geo::Point;
use crate::texts::{Heap, Texts};
use crate::{Metas, json, number, sort, spelling};
use std::ops::Range;

/// Begins a list that is a value itself, not an element of one: no JSON begins so.
const WHOLE: u8 = b' ';

/// One key's values. A list's elements are values of its row, and so is the list as a whole.
pub struct Column {
    /// Rising, each with its row.
    numbers: Vec<f64>,
    number_rows: Vec<u32>,
    texts: Texts,
    /// Booleans, null, objects and lists.
    others: Texts,
    /// Rows that hold a list, rising, and how long it is.
    lists: Vec<(u32, u32)>,
    points: Vec<(Point, u32)>,
}

/// Values as they are found.
#[derive(Default)]
struct Found {
    numbers: Vec<sort::Keyed>,
    texts: Heap,
    others: Heap,
    points: Vec<(Point, u32)>,
}

impl Column {
    /// Reads every row's value under a key.
    pub fn new(key: &[u8], metas: &dyn Metas) -> Self {
        let (mut found, mut lists) = (Found::default(), Vec::new());
        for row in 0..metas.len() as u32 {
            let Some(value) = json::value_at(metas.json(row), key) else { continue };
            if value.first() != Some(&b'[') {
                found.add(value, row);
                continue;
            }
            found.others.push(row, |bytes| {
                bytes.push(WHOLE);
                bytes.extend_from_slice(value);
            });
            let mut count = 0;
            json::elements(value, &mut |element| {
                count += 1;
                found.add(element, row);
            });
            lists.push((row, count));
        }
        let Found { numbers, texts, others, points } = found;
        let numbers = sort::by_key(numbers);
        Self {
            number_rows: numbers.iter().map(|(_, row)| *row).collect(),
            numbers: numbers.iter().map(|(key, _)| sort::number_of(*key)).collect(),
            texts: texts.sorted(),
            others: others.sorted(),
            lists,
            points,
        }
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        12 * self.numbers.len()
            + self.texts.bytes()
            + self.others.bytes()
            + 8 * self.lists.len()
            + 24 * self.points.len()
    }

    /// Sets the bits of the rows that fit.
    pub fn mark(&self, test: &Test, words: &mut [u32]) {
        let mut set = |row: u32| set(words, row);
        match test {
            Test::In(values) => values.iter().for_each(|value| self.equal(value, true).for_each(&mut set)),
            Test::Order(order, value) => {
                let (rows, Range { start, end }) = self.place(value);
                let range = match order {
                    Order::Less => 0..start,
                    Order::AtMost => 0..end,
                    Order::More => end..rows.len(),
                    Order::AtLeast => start..rows.len(),
                };
                rows.get(range).unwrap_or_default().iter().copied().for_each(set);
            }
            Test::Exists => {
                [&self.number_rows, self.texts.rows(), self.others.rows()].into_iter().flatten().copied().for_each(set);
            }
            Test::Prefix(prefix) => {
                let range = self.texts.beginning(prefix);
                self.texts.rows().get(range).unwrap_or_default().iter().copied().for_each(set);
            }
            Test::Size(size) => {
                self.lists.iter().filter(|(_, count)| count == size).for_each(|(row, _)| set(*row));
            }
            Test::Within(area) => {
                self.points.iter().filter(|(point, _)| area.holds(*point)).for_each(|(_, row)| set(*row));
            }
            Test::Contains(value) => {
                self.equal(value, false).filter(|row| self.is_list(*row)).for_each(&mut set);
                if let Value::Text(part) = value {
                    self.texts.containing(part, &mut |row| {
                        if !self.is_list(row) {
                            set(row);
                        }
                    });
                }
            }
        }
    }

    /// Rows with a value equal to this one; `whole`: or with a list that is, as a whole.
    fn equal(&self, value: &Value, whole: bool) -> impl Iterator<Item = u32> {
        let list = match value {
            Value::Json(json) if whole && json.first() == Some(&b'[') => {
                let key: Vec<u8> = std::iter::once(WHOLE).chain(json.iter().copied()).collect();
                self.others.rows().get(self.others.place(&key))
            }
            _ => None,
        };
        let (rows, range) = self.place(value);
        rows.get(range).into_iter().chain(list).flatten().copied()
    }

    /// Rows in the order of the values of this one's kind, and where those with this one are, or would be.
    fn place(&self, value: &Value) -> (&[u32], Range<usize>) {
        match value {
            Value::Number(number) => {
                let start = self.numbers.partition_point(|other| other < number);
                let end = self.numbers.partition_point(|other| other <= number);
                (&self.number_rows, start..end)
            }
            Value::Text(text) => (self.texts.rows(), self.texts.place(text)),
            Value::Json(json) => (self.others.rows(), self.others.place(json)),
        }
    }

    fn is_list(&self, row: u32) -> bool {
        self.lists.binary_search_by_key(&row, |(row, _)| *row).is_ok()
    }
}

impl Found {
    /// Takes in a value that is no list, or an element that may be one.
    fn add(&mut self, value: &[u8], row: u32) {
        match value {
            [b'"', text @ .., b'"'] => self.texts.push(row, |bytes| spelling::put(text, true, bytes)),
            [b't' | b'f' | b'n' | b'[' | b'{', ..] => {
                self.others.push(row, |bytes| bytes.extend_from_slice(value));
                self.points.extend(Point::of(value).map(|point| (point, row)));
            }
            _ => {
                if let Some(number) = number::parse(value) {
                    // No zero is less than the other.
                    self.numbers.push((sort::key_of(number + 0.0), row));
                }
            }
        }
    }
}

fn set(words: &mut [u32], row: u32) {
    if let Some(word) = words.get_mut((row >> 5) as usize) {
        *word |= 1 << (row & 31);
    }
}
