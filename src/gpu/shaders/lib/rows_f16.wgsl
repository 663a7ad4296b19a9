// Four values of a row at half precision, 2^14 times as large as they are: see `wasm/crates/ann/src/half.rs`.
alias Row = vec2u;

fn values_of(row: Row) -> vec4f {
  return vec4f(unpack2x16float(row.x), unpack2x16float(row.y)) * 0x1p-14f;
}
