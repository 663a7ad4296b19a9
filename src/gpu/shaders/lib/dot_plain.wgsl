// Products of four codes each, where the language has none of packed integers. A row's codes are 1 to 127, a query's signed.
fn dot_codes(row: u32, query: u32) -> i32 {
  let places = vec4u(24u, 16u, 8u, 0u);
  let a = vec4i((vec4u(row) << places) >> vec4u(24u));
  let b = vec4i(vec4u(query) << places) >> vec4u(24u);
  let products = a * b;
  return products.x + products.y + products.z + products.w;
}
