// Scores by codes of eight bits, four products an instruction.
//#include dot_packed
//#include score_codes
