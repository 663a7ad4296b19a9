// Numbers that look random and cost nothing: what speeds are measured on.

/** `count` values from -1 to 1, always the same (the generator of Numerical Recipes). */
export function madeUp(count: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(count);
  for (let i = 0, state = 1; i < count; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0;
    out[i] = state / 2 ** 31;
  }
  return out;
}
