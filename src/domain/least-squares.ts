/** Rounds of taking a variable in, and of dropping some again, for each variable. */
const ROUNDS_PER_VARIABLE = 3

/**
 * Minimises x'Gx/2 - h'x over x >= 0 (Lawson and Hanson, Solving Least Squares Problems, 1974, chapter 23), given the
 * normal equations: G = A'A is positive definite, h = A'b. Deterministic; the greatest gain is taken in first.
 */
export function nonNegativeLeastSquares(gram: readonly Float64Array[], right: Float64Array): Float64Array {
  const count = right.length
  const tolerance = 1e-10 * right.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  const x = new Float64Array(count)
  // Most variables end above zero: starting with all of them takes a few solutions instead of one for each.
  const passive: number[] = Array.from({ length: count }, (_, at) => at)
  settle(gram, right, x, passive)
  for (let round = 0; round < count * ROUNDS_PER_VARIABLE; round += 1) {
    const next = greatestGain(gram, right, x, passive, tolerance)
    if (next < 0) break
    passive.push(next)
    settle(gram, right, x, passive)
  }
  return x
}

function greatestGain(
  gram: readonly Float64Array[],
  right: Float64Array,
  x: Float64Array,
  passive: readonly number[],
  tolerance: number,
): number {
  let best = -1
  let most = tolerance
  for (let i = 0; i < x.length; i += 1) {
    if (passive.includes(i)) continue
    let gain = right[i] ?? 0
    for (const j of passive) gain -= (gram[i]?.[j] ?? 0) * (x[j] ?? 0)
    if (gain > most) {
      most = gain
      best = i
    }
  }
  return best
}

/** Solves for the passive variables and drops those that would turn negative, until none would. */
function settle(
  gram: readonly Float64Array[],
  right: Float64Array,
  x: Float64Array,
  passive: number[],
): void {
  const roundsMax = passive.length
  for (let round = 0; round <= roundsMax; round += 1) {
    const solved = solve(gram, right, passive)
    let step = 1
    for (const [at, i] of passive.entries()) {
      const to = solved[at] ?? 0
      const from = x[i] ?? 0
      if (to <= 0) step = Math.min(step, from / (from - to || 1))
    }
    for (const [at, i] of passive.entries()) x[i] = (x[i] ?? 0) + step * ((solved[at] ?? 0) - (x[i] ?? 0))
    if (step === 1) return
    const kept = passive.filter((i, at) => (solved[at] ?? 0) > 0 || (x[i] ?? 0) > 1e-14)
    for (const i of passive) if (!kept.includes(i)) x[i] = 0
    passive.splice(0, passive.length, ...kept)
  }
}

/** Solves for the rows and columns `at` of a positive definite matrix. */
function solve(gram: readonly Float64Array[], right: Float64Array, at: readonly number[]): Float64Array {
  const size = at.length
  const part = at.map((i) => {
    const [from, row] = [gram[i] ?? right, new Float64Array(size)]
    for (let c = 0; c < size; c += 1) row[c] = from[at[c] ?? 0] ?? 0
    return row
  })
  const lower = choleskyFactor(part)
  const solved = new Float64Array(size)
  for (let r = 0; r < size; r += 1) solved[r] = right[at[r] ?? 0] ?? 0
  solveForward(lower, solved)
  // Backwards by rows of the factor, so that memory is read in order.
  for (let r = size - 1; r >= 0; r -= 1) {
    const row = lower[r] ?? solved
    const value = (solved[r] ?? 0) / (row[r] ?? 1)
    solved[r] = value
    for (let c = 0; c < r; c += 1) solved[c] = (solved[c] ?? 0) - value * (row[c] ?? 0)
  }
  return solved
}

/** The lower triangle L with LL' = a positive definite matrix, by Cholesky's method. */
export function choleskyFactor(matrix: readonly Float64Array[]): Float64Array[] {
  const size = matrix.length
  const empty = new Float64Array(size)
  const lower = matrix.map(() => new Float64Array(size))
  for (let r = 0; r < size; r += 1) {
    const [row, from] = [lower[r] ?? empty, matrix[r] ?? empty]
    for (let c = 0; c <= r; c += 1) {
      const other = lower[c] ?? empty
      let sum = from[c] ?? 0
      for (let k = 0; k < c; k += 1) sum -= (row[k] ?? 0) * (other[k] ?? 0)
      row[c] = c === r ? Math.sqrt(Math.max(sum, Number.MIN_VALUE)) : sum / (other[c] ?? 1)
    }
  }
  return lower
}

/** Solves Ly = right in place. */
export function solveForward(lower: readonly Float64Array[], right: Float64Array): void {
  for (let r = 0; r < right.length; r += 1) {
    const row = lower[r] ?? right
    let rest = right[r] ?? 0
    for (let k = 0; k < r; k += 1) rest -= (row[k] ?? 0) * (right[k] ?? 0)
    right[r] = rest / (row[r] ?? 1)
  }
}
