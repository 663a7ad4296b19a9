// Scores of rows at half precision for queries at full precision: dot products. Sums are of f32, so that no feature of the adapter is needed.
//#include rows_f16
//#include score_values
