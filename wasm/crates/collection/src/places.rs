//! Where each of many numbers is in a few parts that hold them rising.

/// Numbers of all parts, and the row of each, counted through the parts.
#[derive(Default)]
pub struct Places {
    /// All numbers, rising.
    pub numbers: Vec<u32>,
    /// Of each number; none while each is where it stands.
    rows: Vec<u32>,
    bases: Vec<u32>,
}

impl Places {
    /// Gathers the numbers of parts. One that is in two parts is that of the later one.
    pub fn gather<'a>(parts: impl Iterator<Item = &'a [u32]>) -> Self {
        let (mut parts, mut bases, mut count): (Vec<&[u32]>, Vec<u32>, usize) = (parts.collect(), Vec::new(), 0);
        for numbers in &parts {
            bases.push(count as u32);
            count += numbers.len();
        }
        parts.retain(|numbers| !numbers.is_empty());
        // As after a compaction.
        if let [only] = parts.as_slice() {
            return Self { numbers: only.to_vec(), rows: Vec::new(), bases };
        }
        let mut all: Vec<u64> = Vec::with_capacity(count);
        for (row, number) in parts.into_iter().flatten().enumerate() {
            all.push(u64::from(*number) << 32 | row as u64);
        }
        let number = |packed: u64| (packed >> 32) as u32;
        // Runs that rise: a stable sort finds them.
        if !all.is_sorted() {
            all.sort();
        }
        let last_of = all.chunk_by(|a, b| number(*a) == number(*b)).filter_map(<[u64]>::last);
        let (mut numbers, mut rows): (Vec<u32>, Vec<u32>) =
            last_of.map(|packed| (number(*packed), *packed as u32)).unzip();
        numbers.shrink_to_fit();
        rows.shrink_to_fit();
        Self { numbers, rows, bases }
    }

    /// Begins a part behind all others, which have `rows` rows.
    pub fn begin(&mut self, rows: u32) {
        self.bases.push(rows);
    }

    /// Takes parts off the end.
    pub fn truncate(&mut self, parts: usize) {
        self.bases.truncate(parts);
    }

    /// Adds a number above all others, the next row of all.
    pub fn push(&mut self, number: u32, row: u32) {
        let stands = self.numbers.len() as u32;
        if self.is_in_order() && row != stands {
            self.rows = (0..stands).collect();
        }
        if !self.is_in_order() || row != stands {
            self.rows.push(row);
        }
        self.numbers.push(number);
    }

    /// The row of a rank.
    #[inline]
    pub fn row(&self, rank: usize) -> u32 {
        if self.is_in_order() { rank as u32 } else { self.rows.get(rank).copied().unwrap_or_default() }
    }

    /// Is each number's rank its row?
    #[inline]
    pub const fn is_in_order(&self) -> bool {
        self.rows.is_empty()
    }

    /// A row's part, and which of its rows it is.
    #[inline]
    pub fn split(&self, row: u32) -> (usize, usize) {
        let part = self.bases.partition_point(|base| *base <= row).saturating_sub(1);
        (part, (row - self.base(part)) as usize)
    }

    /// The first row of a part.
    pub fn base(&self, part: usize) -> u32 {
        self.bases.get(part).copied().unwrap_or_default()
    }

    /// Part and row of a number.
    pub fn find(&self, number: u32) -> Option<(usize, usize)> {
        rank(&self.numbers, number, &mut 0).map(|rank| self.split(self.row(rank)))
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        4 * (self.numbers.len() + self.rows.len())
    }
}

/// Where `number` stands among `rising` ones. `near` is where the one before stood, so that numbers asked for in order cost next to nothing.
#[inline]
pub fn rank(rising: &[u32], number: u32, near: &mut usize) -> Option<usize> {
    for at in [*near, *near + 1] {
        if rising.get(at) == Some(&number) {
            *near = at;
            return Some(at);
        }
    }
    // No number stands farther from the first than it is above it.
    let most = number.checked_sub(*rising.first()?)? as usize;
    let within = rising.get(..=most).unwrap_or(rising);
    let at = match within.last() {
        Some(&last) if last == number => within.len() - 1,
        _ => within.binary_search(&number).ok()?,
    };
    *near = at;
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::rank;

    #[test]
    fn numbers_are_where_a_plain_search_finds_them() {
        for rising in [vec![], vec![7], vec![3, 4, 5, 6], vec![0, 2, 9, 10, 11, 500, u32::MAX]] {
            let mut near = 0;
            for number in (0..600).chain((0..600).rev()).chain([u32::MAX]) {
                assert_eq!(
                    rank(&rising, number, &mut near),
                    rising.binary_search(&number).ok(),
                    "{number} in {rising:?}"
                );
            }
        }
    }
}
