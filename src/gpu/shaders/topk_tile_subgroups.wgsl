// `topk_tile.wgsl` where threads of a subgroup can tell each other what they have; how many they are makes no difference.
enable subgroups;
//#include keys
//#include claim_together
//#include pool
//#include tile
