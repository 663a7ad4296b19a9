// Scores of rows for queries at full precision: dot products, or minus squared distances (L2).
//#include rows_f32
//#include score_values
