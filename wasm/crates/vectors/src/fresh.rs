//! Zeros that are zeros already: memory that was just added is not written to before it is used, so that the system need not find pages for all
//! of it. A segment of which little is read costs little.

use core::arch::wasm32::memory_size;
use std::alloc::{GlobalAlloc, Layout, System};

/// The standard allocator, but for large zeroed memory.
struct Fresh;

#[global_allocator]
static ALLOCATOR: Fresh = Fresh;

/// Below this, memory is mostly used again.
const LARGE: usize = 1 << 20;
const WASM_PAGE: usize = 65_536;

// SAFETY: everything comes from `System` and goes back there with the same layout.
unsafe impl GlobalAlloc for Fresh {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: the caller keeps the contract of `GlobalAlloc`, which is that of `System`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        // SAFETY: as above.
        unsafe { System.dealloc(place, layout) }
    }

    unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // SAFETY: as above.
        unsafe { System.realloc(place, layout, size) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        if layout.size() < LARGE {
            // SAFETY: as above.
            return unsafe { System.alloc_zeroed(layout) };
        }
        // Of all there can be it is the address after the last.
        let end = memory_size(0).saturating_mul(WASM_PAGE);
        // SAFETY: as above.
        let place = unsafe { System.alloc(layout) };
        if !place.is_null() {
            // What lay beyond the end is zeros, as WebAssembly adds it; the allocator writes before and behind what it gives, never within.
            let used = end.saturating_sub(place as usize).min(layout.size());
            // SAFETY: the first bytes of what was just given.
            unsafe { place.write_bytes(0, used) };
        }
        place
    }
}
