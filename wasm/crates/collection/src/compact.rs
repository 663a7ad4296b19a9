//! Building and merging of vector segments: rows of smaller ones are inserted into the graph of the largest.

use crate::rows::{Rows, check_dims, level_hash};
use aetherv_ann::build::{Builder, Shape};
use aetherv_ann::codes::{CodeRows, Metric};
use aetherv_ann::graph::Graph;
use aetherv_ann::{reach, remove};
use aetherv_core::order::order;
use aetherv_core::{Bits, Code, Error, Result, Shared};

/// One job: segments or plain rows in, at most one live and one archive segment out.
pub struct Compactor {
    dims: usize,
    metric: Metric,
    shape: Shape,
    flat_max: usize,
    inputs: Vec<Input>,
    plan: Option<Plan>,
}

struct Input {
    rows: Rows,
    live: Bits,
    kept: Bits,
}

/// A row of an input.
#[derive(Clone, Copy)]
struct Pick {
    cno: u32,
    input: usize,
    row: usize,
}

/// The live rows: those of the largest graph, then the others.
struct Plan {
    picks: Vec<Pick>,
    codes: CodeRows,
    growing: Option<Builder>,
    graph: Option<Graph>,
}

impl Compactor {
    /// A job without input; fewer than `flat_max` live rows become a segment without a graph.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH` for no dimensions.
    pub fn new(dims: usize, metric: Metric, shape: Shape, flat_max: usize) -> Result<Self> {
        check_dims(dims)?;
        Ok(Self { dims, metric, shape, flat_max, inputs: Vec::new(), plan: None })
    }

    /// Takes a vector segment in: `live` are its rows that go to the live segment, `kept` that are not live go to the archive.
    ///
    /// # Errors
    /// `AV_CORRUPT`, `AV_FORMAT_NEWER`; `AV_INTERNAL` once growing has begun.
    pub fn add(&mut self, bytes: impl Into<Shared>, live: Bits, kept: Bits) -> Result<()> {
        self.is_open()?;
        let rows = Rows::open(bytes, self.metric, self.dims)?;
        self.inputs.push(Input { rows, live, kept });
        Ok(())
    }

    /// Takes plain rows in, row-major, all live, numbered from `first` on.
    ///
    /// # Errors
    /// `AV_DIM_MISMATCH`, `AV_NON_FINITE`; `AV_INTERNAL` for numbers that overflow and once growing has begun.
    pub fn add_rows(&mut self, values: &[f32], first: u32) -> Result<()> {
        self.is_open()?;
        let count = values.len() / self.dims;
        if count * self.dims != values.len() {
            let detail = format!("{} values are no rows of {}", values.len(), self.dims);
            return Err(Error::new(Code::DimMismatch, detail));
        }
        if !values.iter().fold(true, |all, value| all & value.is_finite()) {
            return Err(Error::new(Code::NonFinite, "a vector holds NaN or infinity"));
        }
        if u32::try_from(count).ok().and_then(|count| first.checked_add(count)).is_none() {
            return Err(Error::internal(format!("{count} contents cannot be numbered from {first} on")));
        }
        let mut rows = Rows::new(self.metric, self.dims);
        rows.push(&values.iter().flat_map(|value| value.to_le_bytes()).collect::<Vec<u8>>(), first);
        let live = (0..count as u32).fold(Bits::default(), |mut live, row| {
            live.set(row);
            live
        });
        self.inputs.push(Input { rows, live, kept: Bits::default() });
        Ok(())
    }

    fn is_open(&self) -> Result<()> {
        if self.plan.is_none() { Ok(()) } else { Err(Error::internal("a compaction that grows takes no more rows")) }
    }

    /// Inserts at most `limit` rows; returns how many are left.
    ///
    /// # Errors
    /// None yet.
    pub fn grow(&mut self, limit: usize) -> Result<usize> {
        if self.plan.is_none() {
            self.plan = Some(self.planned());
        }
        let Some(plan) = &mut self.plan else { return Ok(0) };
        let Some(mut builder) = plan.growing.take() else { return Ok(0) };
        let codes = plan.codes.view();
        for pick in plan.picks.iter().skip(builder.len()).take(limit) {
            let value = self.inputs.get(pick.input).map(|input| input.rows.value(pick.row));
            builder.insert(&codes, level_hash(value.unwrap_or_default()));
        }
        let left = plan.picks.len() - builder.len();
        if left == 0 {
            plan.graph = Some(builder.finish(&codes));
        } else {
            plan.growing = Some(builder);
        }
        Ok(left)
    }

    fn planned(&self) -> Plan {
        let base = self.base();
        let mut picks = self.picks(base, |input, row| input.live.has(row));
        let (own, others): (Vec<Pick>, Vec<Pick>) = picks.iter().partition(|pick| Some(pick.input) == base);
        let old =
            base.and_then(|base| self.inputs.get(base)).and_then(|input| Some((input, input.rows.graph.as_ref()?)));
        picks = [own.as_slice(), others.as_slice()].concat();
        let codes = self.codes_of(picks.iter());
        let mut plan = Plan { codes, picks, growing: None, graph: None };
        if plan.picks.len() < self.flat_max.max(1) {
            return plan;
        }
        let graph = old.map(|(input, graph)| {
            if own.len() == graph.len() {
                return graph.clone();
            }
            let dead = (0..graph.len() as u32).filter(|row| !input.live.has(*row));
            let dead = dead.fold(Bits::default(), |mut dead, row| {
                dead.set(row);
                dead
            });
            let mut graph = remove::without(graph, &input.rows.codes(), &dead, self.shape);
            reach::mend(&mut graph, &plan.codes.view());
            graph
        });
        match graph {
            Some(graph) if others.is_empty() => plan.graph = Some(graph),
            Some(graph) => plan.growing = Some(Builder::resume(self.shape, graph, &plan.codes.view())),
            None => plan.growing = Some(Builder::new(self.shape)),
        }
        plan
    }

    /// The input whose graph the others are inserted into: the one with most live rows, unless most of it is dead.
    fn base(&self) -> Option<usize> {
        let degree = 2 * self.shape.bounded().m;
        let live = |input: &Input| (0..input.rows.len() as u32).filter(|row| input.live.has(*row)).count();
        let fits = |input: &Input| {
            let graph = input.rows.graph.as_ref().and_then(|graph| graph.layers.first());
            graph.is_some_and(|layer| layer.degree() == degree) && 2 * live(input) >= input.rows.len()
        };
        let (inputs, fitting) = (self.inputs.iter().enumerate(), |(_, input): &(usize, &Input)| fits(input));
        inputs.filter(fitting).max_by_key(|(at, input)| (live(input), usize::MAX - at)).map(|(at, _)| at)
    }

    /// Rows of all inputs by number; a content in several inputs is that of `first`, or of the earliest.
    fn picks(&self, first: Option<usize>, takes: impl Fn(&Input, u32) -> bool) -> Vec<Pick> {
        let mut picks = Vec::new();
        for (input, of) in self.inputs.iter().enumerate() {
            let rows = of.rows.cnos.iter().zip(0usize..).filter(|(_, row)| takes(of, *row as u32));
            picks.extend(rows.map(|(&cno, row)| Pick { cno, input, row }));
        }
        picks.sort_unstable_by_key(|pick| (pick.cno, Some(pick.input) != first, pick.input));
        picks.dedup_by_key(|pick| pick.cno);
        picks
    }

    fn codes_of<'a>(&self, picks: impl Iterator<Item = &'a Pick>) -> CodeRows {
        let mut out = CodeRows::new(self.metric, self.dims);
        for pick in picks {
            if let Some(input) = self.inputs.get(pick.input) {
                let codes = input.rows.codes();
                out.push_codes(codes.row(pick.row as u32), codes.scales.get(pick.row).copied().unwrap_or_default());
            }
        }
        out
    }

    fn write(&self, picks: &[Pick], codes: &CodeRows, graph: Option<&Graph>) -> Vec<u8> {
        let cnos: Vec<u32> = picks.iter().map(|pick| pick.cno).collect();
        let value = |row: usize| {
            let pick = picks.get(row).and_then(|pick| Some(self.inputs.get(pick.input)?.rows.value(pick.row)));
            pick.unwrap_or_default()
        };
        if cnos.is_empty() { Vec::new() } else { Rows::write(&cnos, &codes.view(), self.dims, graph, &value) }
    }

    /// The live rows as a segment; empty when there is none.
    ///
    /// # Errors
    /// `AV_INTERNAL` before [`Self::grow`] has returned 0.
    pub fn live_segment(&mut self) -> Result<Vec<u8>> {
        let plan = self.plan.as_ref().filter(|plan| plan.growing.is_none());
        let plan = plan.ok_or_else(|| Error::internal("a compaction is asked for its segment before it has grown"))?;
        if plan.picks.is_sorted_by_key(|pick| pick.cno) {
            return Ok(self.write(&plan.picks, &plan.codes, plan.graph.as_ref()));
        }
        // The graph numbers rows as they were inserted, the segment by content.
        let number = |at: usize| plan.picks.get(at).map(|pick| pick.cno);
        let order = order(plan.picks.len(), &|a, b| number(a).cmp(&number(b)));
        let picks: Vec<Pick> = order.iter().filter_map(|&at| plan.picks.get(at as usize)).copied().collect();
        let mut new = vec![0; picks.len()];
        for (&old, row) in order.iter().zip(0..) {
            new.get_mut(old as usize).into_iter().for_each(|slot| *slot = row);
        }
        let graph = plan.graph.as_ref().map(|graph| graph.reordered(&new));
        Ok(self.write(&picks, &self.codes_of(picks.iter()), graph.as_ref()))
    }

    /// Rows that are kept and not live as a segment without a graph; empty when there is none.
    ///
    /// # Errors
    /// None yet.
    pub fn archive_segment(&self) -> Result<Vec<u8>> {
        let live = self.picks(None, |input, row| input.live.has(row));
        let mut picks = self.picks(None, |input, row| input.kept.has(row) && !input.live.has(row));
        picks.retain(|pick| live.binary_search_by_key(&pick.cno, |live| live.cno).is_err());
        Ok(self.write(&picks, &self.codes_of(picks.iter()), None))
    }
}
