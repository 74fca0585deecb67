/** Uniform draws in (0, 1), the same for the same seed (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed | 0
  return () => {
    state = (state + 0x6d_2b_79_f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (((mixed ^ (mixed >>> 14)) >>> 0) + 0.5) / 4_294_967_296
  }
}

/** A Poisson count; a rounded normal where the mean is large. */
export function poisson(mean: number, draw: () => number): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(draw())) * Math.cos(2 * Math.PI * draw())
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal))
  }
  let count = -1
  for (let left = 1; left > Math.exp(-mean); left *= draw()) count += 1
  return Math.max(0, count)
}

/** A gamma draw of mean 1 and variance 1 / shape, for a whole-numbered shape: a sum of exponentials. */
export function gamma(shape: number, draw: () => number): number {
  let sum = 0
  for (let one = 0; one < shape; one += 1) sum -= Math.log(draw())
  return sum / shape
}
