// Products of four codes each, as the language has them: one instruction where the GPU has one.
fn dot_codes(row: u32, query: u32) -> i32 {
  return dot4I8Packed(row, query);
}
