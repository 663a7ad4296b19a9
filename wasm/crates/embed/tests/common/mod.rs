//! Packs the table that ships in `src/embed/aether-static-256x2`, and finds the shared data.

use std::path::PathBuf;

fn fnv1a64(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |h, &b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3))
}

#[allow(dead_code)]
/// The folder of the shared data: `AETHERV_DATA`, else `shared` beside the repository.
pub fn data() -> PathBuf {
    std::env::var_os("AETHERV_DATA")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared"), PathBuf::from)
}

/// The number behind a name, or the numbers of its list, in our own plain JSON.
fn numbers(json: &str, name: &str) -> Vec<f32> {
    let rest = json.split_once(&format!("\"{name}\":")).unwrap().1.trim_start();
    let list = match rest.strip_prefix('[') {
        Some(list) => list.split_once(']').unwrap().0,
        None => rest.split_once(',').unwrap().0,
    };
    list.split(',').map(|n| n.trim().parse().unwrap()).collect()
}

/// An asset of these parts, with its checksum.
pub fn pack(rows: u32, dims: u32, floats: &[f32], body: &[u8], vocab: &[u8]) -> Vec<u8> {
    let mut out = b"AVET".to_vec();
    for n in [1, rows, dims, vocab.len() as u32] {
        out.extend(n.to_le_bytes());
    }
    floats.iter().for_each(|f| out.extend(f.to_le_bytes()));
    out.extend(body);
    out.extend(vocab);
    let sum = fnv1a64(&out);
    out.extend(sum.to_le_bytes());
    out
}

/// The shipped table as one asset, the same bytes that `pack-table.mjs` writes.
#[allow(dead_code)]
pub fn shipped() -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../src/embed/aether-static-256x2");
    let json = std::fs::read_to_string(folder.join("table.json")).unwrap();
    let (rows, dims) = (numbers(&json, "rows")[0] as u32, numbers(&json, "dim")[0] as u32);
    let floats = [numbers(&json, "levels"), numbers(&json, "scale_lut")].concat();
    let body = std::fs::read(folder.join("table.bin")).unwrap();
    let vocab = std::fs::read_to_string(folder.join("vocab.txt")).unwrap();
    pack(rows, dims, &floats, &body, format!("{}\n", vocab.trim_end()).as_bytes())
}

/// A small table: 32 dimensions, row r has code r mod 4 everywhere and scale code r.
#[allow(dead_code)]
pub fn small(vocab: &str) -> Vec<u8> {
    let rows = vocab.lines().count();
    let mut floats = vec![-1.5, -0.5, 0.5, 1.5];
    floats.extend((0..256).map(|i| 1.0 + i as f32));
    let mut body: Vec<u8> = (0..rows).map(|r| r as u8).collect();
    body.extend((0..rows).flat_map(|r| [[0x00, 0x55, 0xaa, 0xff][r % 4]; 8]));
    pack(rows as u32, 32, &floats, &body, vocab.as_bytes())
}
