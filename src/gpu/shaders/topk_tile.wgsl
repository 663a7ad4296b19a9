// The best KEEP rows of each tile of TILE rows, for each query: those that a mask admits.
//#include keys
//#include claim_alone
//#include pool
//#include tile
