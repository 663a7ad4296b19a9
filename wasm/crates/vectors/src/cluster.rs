//! K-means of a collection's contents, some of them a call.

use crate::collection::Collection;
use aetherv_collection::{Clusters as Inner, Near};
use wasm_bindgen::prelude::wasm_bindgen;

/// Centroids on their way.
#[wasm_bindgen]
pub struct Clusters {
    inner: Inner,
}

#[wasm_bindgen]
impl Clusters {
    /// `count` clusters of vectors of `dims` values; `spherical`: of unit length, and so are the centroids. The same `seed` gives the same ones.
    #[wasm_bindgen(constructor)]
    pub fn new(dims: u32, spherical: bool, count: u32, seed: u32) -> Clusters {
        Self { inner: Inner::new(dims as usize, spherical, count as usize, seed) }
    }

    /// Places of `count` among `of`, rising, spread over all.
    pub fn picks(&mut self, of: u32, count: u32) -> Vec<u32> {
        self.inner.picks(of, count)
    }

    /// Adds contents to the sample that seeds are drawn from. False: their values are not in memory, if the collection lacks any, or not there.
    pub fn sample(&mut self, from: &mut Collection, cnos: &[u32]) -> bool {
        self.inner.sample(&mut from.inner, cnos)
    }

    /// Draws seeds from the sample until about so many products are done; returns how many there are.
    pub fn seed(&mut self, products: u32) -> u32 {
        self.inner.seed(products as usize) as u32
    }

    /// Assigns contents, each of which counts `weights` times, to their nearest centroids: their numbers, then how many were decided by what is
    /// said to be near, by looking at all as another might be as near, and by looking at all as what was said was wrong. `numbers`, `scores`: the
    /// two nearest of each as another processor says; none, if nobody does. Empty: as of `sample`, and nothing was counted.
    pub fn assign(
        &mut self,
        from: &mut Collection,
        cnos: &[u32],
        weights: &[u32],
        numbers: &[u32],
        scores: &[f32],
    ) -> Vec<u32> {
        let near = (!numbers.is_empty()).then_some(Near { numbers, scores });
        let found = self.inner.assign(&mut from.inner, cnos, weights, near);
        found.map_or_else(Vec::new, |(mut out, tally)| {
            out.extend([tally.proved, tally.scanned, tally.wrong]);
            out
        })
    }

    /// Moves the centroids to the means of what was assigned since the last move.
    pub fn update(&mut self) {
        self.inner.update();
    }

    /// The centroids, row-major.
    pub fn centroids(&self) -> Vec<f32> {
        self.inner.centroids().to_vec()
    }

    /// The sum of squared distances of what was assigned since the last move.
    pub fn inertia(&self) -> f64 {
        self.inner.inertia()
    }
}
