import { choleskySolver, nonNegativeLeastSquares } from './least-squares.ts'

/** Tenants fitted each for itself; all lighter ones share one cost. */
const HEAVY_MAX = 32
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
  const groups = [...order.slice(0, HEAVY_MAX).map((at) => [at]), order.slice(HEAVY_MAX)].filter(
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
  const solver = choleskySolver(
    gram.map((row, i) =>
      row.map((product, j) => product + (i === j ? Math.max(variance, RIDGE * product) : 0)),
    ),
  )
  const means = columns.map(mean)
  return Array.from({ length: (columns.length - 1) / 2 }, (_, g) => {
    const own = [1 + 2 * g, 2 + 2 * g]
    const direction = new Float64Array(columns.length)
    for (const at of own) direction[at] = means[at] ?? 0
    const load = own.reduce((sum, at) => sum + (means[at] ?? 0) * (weights[at] ?? 0), 0)
    return load > 0 ? Math.sqrt(Math.max(0, variance * dot(direction, solver(direction)))) / load : 0
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
    for (let j = 0; j <= i; j += 1) {
      const product = dot(a, columns[j] ?? a)
      gram[i]?.fill(product, j, j + 1)
      gram[j]?.fill(product, i, i + 1)
    }
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
  const strength = right.map((_, at) =>
    at === 0 ? Math.max(draw.idle, IDLE_RIDGE * energyOfLoad) : Math.max(draw.tenants, RIDGE * energyOfLoad),
  )
  const drawn = gram.map((row, i) => row.map((product, j) => product + (i === j ? (strength[i] ?? 0) : 0)))
  return nonNegativeLeastSquares(
    drawn,
    right.map((product, at) => product + (strength[at] ?? 0) * (draw.prior[at] ?? 0)),
  )
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
  return load.map((value, bin) =>
    columns.reduce((rest, column, at) => rest - (weights[at] ?? 0) * (column[bin] ?? 0), value),
  )
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
  return values.map((value) => value * by)
}

function sum(values: Float64Array): number {
  return values.reduce((before, value) => before + value, 0)
}

function mean(values: Float64Array): number {
  return values.length === 0 ? 0 : sum(values) / values.length
}

function energy(values: Float64Array): number {
  return dot(values, values)
}

function dot(a: Float64Array, b: Float64Array): number {
  let product = 0
  for (let at = 0; at < a.length; at += 1) product += (a[at] ?? 0) * (b[at] ?? 0)
  return product
}
