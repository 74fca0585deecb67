import { choleskyFactor, nonNegativeLeastSquares, solveForward } from './least-squares.ts'

/** Tenants fitted each for itself; all lighter ones share one cost. */
const HEAVY_MAX = 32
/** With more tenants than this bins are taken together and fewer fitted each for itself: columns times bins is the work. */
const MANY_TENANTS = 64
const BINS_TOGETHER = 5
const HEAVY_OF_MANY_MAX = 24
/** Rounds in which the noise is estimated anew from what the fit left over. */
const NOISE_ROUNDS = 2
/** Keeps the normal equations solvable where columns are collinear: these then share. */
const RIDGE = 1e-9
/** Costs of light tenants, fitted as one, may differ from it by so much: one standard deviation. */
const LIGHT_ERROR = 0.5
/** Residuals that hang together from minute to minute say less than their number; by so much less at most. */
const REPEATED_MAX = 60
/** A steady load looks like idling: this little more of a penalty lets the load have it. */
const IDLE_RIDGE = 1e-7

/** What may explain a pool's load: columns over the same bins, all finite. */
export interface TenantColumns {
  readonly offered: Float64Array | null
  readonly bytes: Float64Array | null
}

export interface CostFit {
  /** The idle part, 0..1 of the capacity. */
  readonly idle: number
  /** For each tenant, core-minutes for one request and for one byte. */
  readonly perRequest: Float64Array
  readonly perByte: Float64Array
  /** One standard deviation of each tenant's load, as a part of it; 0 where it has none. */
  readonly relativeError: Float64Array
  /** 0..1 of the load's variance that the fit leaves over. */
  readonly unexplained: number
}

/**
 * Fits a pool's load (core-minutes) as an idle part in proportion to capacity, plus each tenant's cost for requests
 * and bytes, none negative. Each tenant's costs are drawn towards the costs of all together as strongly as the noise is
 * great, so that tenants who can't be told apart share rather than one of them taking all.
 */
export function fitCosts(
  load: Float64Array,
  capacity: Float64Array,
  tenants: readonly TenantColumns[],
): CostFit {
  if (tenants.length <= MANY_TENANTS) return fitted(load, capacity, { tenants, heavyMax: HEAVY_MAX })
  const fold = (column: Float64Array | null) => column && folded(column)
  return fitted(folded(load), folded(capacity), {
    tenants: tenants.map(({ offered, bytes }) => ({ offered: fold(offered), bytes: fold(bytes) })),
    heavyMax: HEAVY_OF_MANY_MAX,
  })
}

/** The means of a few bins at a time; what is left over at the end says too little to count. */
function folded(column: Float64Array): Float64Array {
  const means = new Float64Array(Math.max(1, Math.floor(column.length / BINS_TOGETHER)))
  for (let at = 0; at < means.length; at += 1) {
    let sum = 0
    const from = at * BINS_TOGETHER
    const end = Math.min(column.length, from + BINS_TOGETHER)
    for (let bin = from; bin < end; bin += 1) sum += column[bin] ?? 0
    means[at] = sum / (end - from)
  }
  return means
}

function fitted(
  load: Float64Array,
  capacity: Float64Array,
  { tenants, heavyMax }: { readonly tenants: readonly TenantColumns[]; readonly heavyMax: number },
): CostFit {
  const meanLoad = Math.max(mean(load), Number.MIN_VALUE)
  const all = { offered: total(tenants, 'offered', load.length), bytes: total(tenants, 'bytes', load.length) }
  // Columns are scaled so that a weight of 1 explains all of the mean load: weights are then of one kind.
  const unit = {
    capacity: meanLoad / Math.max(mean(capacity), Number.MIN_VALUE),
    offered: mean(all.offered) > 0 ? meanLoad / mean(all.offered) : 0,
    bytes: mean(all.bytes) > 0 ? meanLoad / mean(all.bytes) : 0,
  }
  const base = scaled(capacity, unit.capacity)
  const shared = [base, scaled(all.offered, unit.offered), scaled(all.bytes, unit.bytes)]
  const together = normalEquations(shared, load)
  const rough = ridge(together, { prior: new Float64Array(3), idle: 0, tenants: 0 })
  const idle = noiseOf(shared, rough, load)
  const common = ridge(together, { prior: new Float64Array(3), idle, tenants: 0 })
  const towards = { offered: common[1] ?? 0, bytes: common[2] ?? 0 }

  const order = heaviestFirst(tenants, unit)
  const groups = [...order.slice(0, heavyMax).map((at) => [at]), order.slice(heavyMax)].filter(
    (group) => group.length > 0,
  )
  const columns = [base]
  const priors = [0]
  for (const group of groups) {
    const members = group.flatMap((at) => tenants[at] ?? [])
    columns.push(scaled(total(members, 'offered', load.length), unit.offered))
    columns.push(scaled(total(members, 'bytes', load.length), unit.bytes))
    priors.push(towards.offered, towards.bytes)
  }
  const prior = Float64Array.from(priors)
  const equations = normalEquations(columns, load)
  let noise = noiseOf(shared, common, load)
  let weights = ridge(equations, { prior, idle: noise, tenants: noise })
  for (let round = 1; round < NOISE_ROUNDS; round += 1) {
    noise = noiseOf(columns, weights, load)
    weights = ridge(equations, { prior, idle: noise, tenants: noise })
  }
  const rest = residuals(columns, weights, load)
  const errors = errorsOf(equations.gram, columns, { weights, variance: noise * repetition(rest) })
  const perRequest = new Float64Array(tenants.length)
  const perByte = new Float64Array(tenants.length)
  const relativeError = new Float64Array(tenants.length)
  for (const [g, group] of groups.entries()) {
    for (const at of group) {
      perRequest[at] = (weights[1 + 2 * g] ?? 0) * unit.offered
      perByte[at] = (weights[2 + 2 * g] ?? 0) * unit.bytes
      relativeError[at] = Math.hypot(errors[g] ?? 0, group.length > 1 ? LIGHT_ERROR : 0)
    }
  }
  const unexplained = unexplainedBy(rest, load)
  return { idle: (weights[0] ?? 0) * unit.capacity, perRequest, perByte, relativeError, unexplained }
}

/** For each group one standard deviation of its mean load as a part of it: a prior of deviation 1, and what the data say. */
function errorsOf(
  gram: readonly Float64Array[],
  columns: readonly Float64Array[],
  { weights, variance }: { readonly weights: Float64Array; readonly variance: number },
): number[] {
  const drawn = gram.map((row, i) => {
    const copy = row.slice()
    copy[i] = (row[i] ?? 0) + Math.max(variance, RIDGE * (row[i] ?? 0))
    return copy
  })
  const lower = choleskyFactor(drawn)
  const means = columns.map(mean)
  return Array.from({ length: (columns.length - 1) / 2 }, (_, g) => {
    const own = [1 + 2 * g, 2 + 2 * g]
    const direction = new Float64Array(columns.length)
    for (const at of own) direction[at] = means[at] ?? 0
    const load = own.reduce((sum, at) => sum + (means[at] ?? 0) * (weights[at] ?? 0), 0)
    if (load <= 0) return 0
    // With G = LL' the square d'(1/G)d is that of the solution y of Ly = d.
    solveForward(lower, direction)
    return Math.sqrt(variance * energy(direction)) / load
  })
}

/** How many residuals in a row say what one would, by the correlation of neighbours. */
function repetition(rest: Float64Array): number {
  const own = energy(rest)
  if (own === 0) return 1
  const neighbours = dot(rest.subarray(1), rest.subarray(0, -1)) / own
  return Math.min(REPEATED_MAX, Math.max(1, (1 + neighbours) / Math.max(1e-9, 1 - neighbours)))
}

/** What least squares needs of columns and load: all products of columns, and of columns with the load. */
interface NormalEquations {
  readonly gram: readonly Float64Array[]
  readonly right: Float64Array
  /** The load's sum of squares. */
  readonly energy: number
}

function normalEquations(columns: readonly Float64Array[], load: Float64Array): NormalEquations {
  const gram = columns.map(() => new Float64Array(columns.length))
  for (const [i, a] of columns.entries()) {
    const row = gram[i] ?? a
    for (let j = 0; j <= i; j += 1) row[j] = dot(a, columns[j] ?? a)
  }
  for (const [i, row] of gram.entries()) {
    for (let j = i + 1; j < gram.length; j += 1) row[j] = gram[j]?.[i] ?? 0
  }
  return { gram, right: Float64Array.from(columns, (column) => dot(column, load)), energy: energy(load) }
}

/**
 * Least squares with weights >= 0, each drawn towards its prior by its penalty. Where nothing tells the idle part from
 * steady load the load has it: nodes alone use little.
 */
function ridge(
  { gram, right, energy: energyOfLoad }: NormalEquations,
  draw: { readonly prior: Float64Array; readonly idle: number; readonly tenants: number },
): Float64Array {
  const towards = right.slice()
  const drawn = gram.map((row, at) => {
    const copy = row.slice()
    const [least, wanted] = at === 0 ? [IDLE_RIDGE, draw.idle] : [RIDGE, draw.tenants]
    const strength = Math.max(wanted, least * energyOfLoad)
    copy[at] = (row[at] ?? 0) + strength
    towards[at] = (right[at] ?? 0) + strength * (draw.prior[at] ?? 0)
    return copy
  })
  return nonNegativeLeastSquares(drawn, towards)
}

function heaviestFirst(
  tenants: readonly TenantColumns[],
  unit: { readonly offered: number; readonly bytes: number },
): number[] {
  const weight = tenants.map(
    ({ offered, bytes }) =>
      (offered ? sum(offered) * unit.offered : 0) + (bytes ? sum(bytes) * unit.bytes : 0),
  )
  return tenants.map((_, at) => at).toSorted((a, b) => (weight[b] ?? 0) - (weight[a] ?? 0) || a - b)
}

function residuals(
  columns: readonly Float64Array[],
  weights: Float64Array,
  load: Float64Array,
): Float64Array {
  const rest = load.slice()
  for (const [at, column] of columns.entries()) {
    const weight = weights[at] ?? 0
    if (weight === 0) continue
    for (let bin = 0; bin < rest.length; bin += 1) rest[bin] = (rest[bin] ?? 0) - weight * (column[bin] ?? 0)
  }
  return rest
}

function noiseOf(columns: readonly Float64Array[], weights: Float64Array, load: Float64Array): number {
  return energy(residuals(columns, weights, load)) / Math.max(1, load.length - columns.length)
}

function unexplainedBy(rest: Float64Array, load: Float64Array): number {
  const centre = mean(load)
  const spread = energy(load.map((value) => value - centre))
  return spread === 0 ? 0 : Math.min(1, energy(rest) / spread)
}

function total(tenants: readonly TenantColumns[], of: 'offered' | 'bytes', length: number): Float64Array {
  const sums = new Float64Array(length)
  for (const tenant of tenants) {
    const column = tenant[of]
    if (column) for (let at = 0; at < length; at += 1) sums[at] = (sums[at] ?? 0) + (column[at] ?? 0)
  }
  return sums
}

function scaled(values: Float64Array, by: number): Float64Array {
  const result = new Float64Array(values.length)
  for (let at = 0; at < values.length; at += 1) result[at] = (values[at] ?? 0) * by
  return result
}

function sum(values: Float64Array): number {
  let all = 0
  for (let at = 0; at < values.length; at += 1) all += values[at] ?? 0
  return all
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function energy(values: Float64Array): number {
  return dot(values, values)
}

// Four sums side by side: a processor need not wait for one addition before the next.
function dot(a: Float64Array, b: Float64Array): number {
  let [first, second, third, fourth] = [0, 0, 0, 0]
  const whole = a.length - (a.length % 4)
  for (let at = 0; at < whole; at += 4) {
    first += (a[at] ?? 0) * (b[at] ?? 0)
    second += (a[at + 1] ?? 0) * (b[at + 1] ?? 0)
    third += (a[at + 2] ?? 0) * (b[at + 2] ?? 0)
    fourth += (a[at + 3] ?? 0) * (b[at + 3] ?? 0)
  }
  for (let at = whole; at < a.length; at += 1) first += (a[at] ?? 0) * (b[at] ?? 0)
  return first + second + (third + fourth)
}
