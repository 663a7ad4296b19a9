// Scores by codes of eight bits, for browsers whose shading language has no products of packed integers.
//#include dot_plain
//#include score_codes
