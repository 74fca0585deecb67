import type { PoolUse } from './attribution.ts'
import { changedHot, type HotSlopes, slopesOf } from './outlook.ts'
import type { PoolJudgement } from './pool-judgement.ts'
import { byId } from './region-data.ts'
import {
  changeOf,
  type DraftMove,
  loadOf,
  peakP95In,
  poolsOf,
  type Situation,
  type Skew,
  skewOf,
} from './situation.ts'

/** Rounding may lift a figure by so little, points. */
export const POINTS_SLACK = 1e-9

/** What a stamp's pools show after moves. */
export interface StampForecast {
  /** Pools whose hot-node P95 is above the target. */
  readonly over: number
  /** Sum of the squares of the pools' hot-node P95s: of two regions as loaded, the lesser sum is the better balance. */
  readonly unevenness: number
  /** The greatest hot-node P95, percent; infinite where one can't be predicted. */
  readonly worst: number
  /** Whether the stamp may receive: no pool ends over the target and hotter than without the moves, and none is missing. */
  readonly takes: boolean
}

/** Works out what stamps show after moves by summing minute series; remembers what each role's skew is. */
export class Forecasts {
  readonly #situation: Situation
  readonly #skews = new Map<string, Skew>()
  readonly #slopes = new Map<PoolUse, HotSlopes>()
  readonly #without = new Map<string, readonly (number | null)[]>()

  /** Written anew for each forecast, of which there are thousands. */
  readonly #change: Float64Array
  #hot = new Float64Array(0)

  constructor(situation: Situation) {
    this.#situation = situation
    this.#change = new Float64Array(situation.use.grid.bins)
  }

  /** Only the moves that come to the stamp or go from it count. */
  of(stamp: string, moves: readonly DraftMove[]): StampForecast {
    const { targetPercent } = this.#situation.policy
    const before = this.#p95sWithout(stamp)
    const after = this.#p95sOf(stamp, moves)
    const limit = targetPercent + POINTS_SLACK
    const forecast = { over: 0, unevenness: 0, worst: 0, takes: this.#hasRoles(stamp, moves) }
    for (const [at, p95] of after.entries()) {
      const value = p95 ?? Number.POSITIVE_INFINITY
      if (value > limit) forecast.over += 1
      if (value > limit && value > (before[at] ?? 0) + POINTS_SLACK) forecast.takes = false
      forecast.unevenness += value * value
      forecast.worst = Math.max(forecast.worst, value)
    }
    return forecast
  }

  /** The skew of load that comes to a stamp: of the pools that it comes from. */
  skewAt(stamp: string, role: string, moves: readonly DraftMove[]): Skew {
    const coming = moves.filter(({ to }) => to === stamp)
    for (const move of this.#situation.landing) if (move.to === stamp) coming.push(move)
    const sources = [...new Set(coming.map(({ from }) => from))].toSorted(byId)
    const key = `${role}/${sources.join('/')}`
    const known = this.#skews.get(key) ?? skewOf(this.#situation, role, sources)
    this.#skews.set(key, known)
    return known
  }

  #slopesAt(use: PoolUse): HotSlopes {
    const known = this.#slopes.get(use) ?? slopesOf(use)
    this.#slopes.set(use, known)
    return known
  }

  #p95sWithout(stamp: string): readonly (number | null)[] {
    const known = this.#without.get(stamp) ?? this.#p95sOf(stamp, [])
    this.#without.set(stamp, known)
    return known
  }

  #p95sOf(stamp: string, moves: readonly DraftMove[]): (number | null)[] {
    return poolsOf(this.#situation, stamp).map((judgement) => this.#p95Of(judgement, moves))
  }

  #p95Of({ use, scan }: PoolJudgement, moves: readonly DraftMove[]): number | null {
    const { relativeSpeed } = use.pool
    const place = { stamp: scan.stamp, role: scan.pool, relativeSpeed, into: this.#change }
    const change = changeOf(this.#situation, place, moves)
    const skew = this.skewAt(scan.stamp, scan.pool, moves).middle
    if (this.#hot.length !== use.hot.length) this.#hot = new Float64Array(use.hot.length)
    return peakP95In(this.#situation, use, changedHot(this.#slopesAt(use), change, { skew, into: this.#hot }))
  }

  /** Whether the stamp has a pool for each role on which those who come have load. */
  #hasRoles(stamp: string, moves: readonly DraftMove[]): boolean {
    const here = poolsOf(this.#situation, stamp).map(({ scan }) => scan.pool)
    return moves
      .filter(({ to }) => to === stamp)
      .every(({ registry, from }) =>
        poolsOf(this.#situation, from).every(
          ({ scan: { pool: role } }) =>
            here.includes(role) || loadOf(this.#situation, { registry, stamp: from, role }) === undefined,
        ),
      )
  }
}
