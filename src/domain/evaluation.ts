import type { Evaluation } from './run.ts'

/** One pool's figures since a batch moved, and over the same hours before the run. */
export interface PoolEvidence {
  readonly stamp: string
  readonly role: string
  readonly side: 'source' | 'destination'
  readonly now: { readonly status: string; readonly hotNodeP95: number | null }
  readonly past: { readonly status: string; readonly hotNodeP95: number | null }
}

/** Requests and errors of the moved replicas, now and over the same hours before the run; null is missing. */
export interface TenantEvidence {
  readonly now: { readonly requests: number; readonly errors: number } | null
  readonly past: { readonly requests: number; readonly errors: number } | null
}

/**
 * A source that heats by more points than this, to the target or beyond, is worse off. Below the target it may well heat:
 * autoscale takes nodes away once load has left.
 */
const SOURCE_POINTS_MAX = 10
/** An error share is judged only over so many requests, and is worse from this many points above twice the past. */
const REQUESTS_MIN = 100
const ERROR_POINTS = 0.5

/**
 * Judges a moved batch: worse when the destination is hot, a source heated, or the moved registries' error share more
 * than doubled; not enough evidence when any pool can't be judged. A missing minute is never health.
 */
export function judge(
  pools: readonly PoolEvidence[],
  tenants: TenantEvidence,
  limits: { readonly hotPercent: number; readonly targetPercent: number },
): Pick<Evaluation, 'verdict' | 'words'> {
  const worse = [...pools.flatMap((pool) => poolWorse(pool, limits)), ...tenantsWorse(tenants)]
  if (worse.length > 0) return { verdict: 'worse', words: worse.join('; ') }

  const unknown = pools.filter((pool) => pool.now.status !== 'ok').map((pool) => `${pool.stamp} ${pool.role}`)
  if (unknown.length > 0) {
    return { verdict: 'notEnoughEvidence', words: `too few minutes of telemetry from ${unknown.join(', ')}` }
  }
  if (tenants.now === null) {
    return { verdict: 'notEnoughEvidence', words: 'no load telemetry of the moved registries' }
  }
  return { verdict: 'betterOrEqual', words: pools.map(words).join('; ') }
}

function words(pool: PoolEvidence): string {
  const figure = (value: number | null) => (value === null ? 'n/a' : `${value.toFixed(1)} %`)
  return `${pool.stamp} ${pool.role} hot-node P95 ${figure(pool.past.hotNodeP95)} -> ${figure(pool.now.hotNodeP95)}`
}

function poolWorse(
  pool: PoolEvidence,
  { hotPercent, targetPercent }: { readonly hotPercent: number; readonly targetPercent: number },
): string[] {
  const { now, past } = pool
  if (now.status !== 'ok' || now.hotNodeP95 === null) return []
  if (pool.side === 'destination' && now.hotNodeP95 >= hotPercent) {
    return [`destination ${words(pool)}, hot from ${hotPercent} %`]
  }
  const heatedBy = past.status === 'ok' && past.hotNodeP95 !== null ? now.hotNodeP95 - past.hotNodeP95 : 0
  return pool.side === 'source' && heatedBy > SOURCE_POINTS_MAX && now.hotNodeP95 >= targetPercent
    ? [`source ${words(pool)}, though load has left it`]
    : []
}

function tenantsWorse({ now, past }: TenantEvidence): string[] {
  if (!now || now.requests < REQUESTS_MIN) return []
  const share = (now.errors / now.requests) * 100
  const before = past && past.requests >= REQUESTS_MIN ? (past.errors / past.requests) * 100 : 0
  if (share <= before * 2 + ERROR_POINTS) return []
  return [`moved registries' errors ${before.toFixed(2)} % -> ${share.toFixed(2)} % of requests`]
}
