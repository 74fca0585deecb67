import type { RegionLoad, ReplicaLoad } from '../../src/domain/series.ts'
import { NOW_MS } from './a-region.ts'

const MINUTE_MS = 60_000
const BINS = 60

/** What one replica did each minute; a column that isn't named was not measured, `null` is a minute without a row. */
export interface Did {
  readonly requests?: number | null
  readonly throttled?: number
  readonly errors?: number
  readonly bytes?: number
  readonly inFlight?: number
}

/** An hour of load that ends `daysAgo` days before now, each registry by the minute. */
export function anHour(did: Readonly<Record<string, (minute: number) => Did>>, daysAgo = 0): RegionLoad {
  const series = Object.entries(did).map(([registry, at]): ReplicaLoad => {
    const rows = Array.from({ length: BINS }, (_, minute) => at(minute))
    const column = (name: keyof Did) =>
      rows.some((row) => row[name] !== undefined)
        ? Float64Array.from(rows, (row) => row[name] ?? Number.NaN)
        : null
    return {
      registry,
      role: 'registry',
      requests: column('requests'),
      bytes: column('bytes'),
      throttled: column('throttled'),
      errors: column('errors'),
      inFlight: column('inFlight'),
      cpuSeconds: null,
    }
  })
  return {
    startMs: NOW_MS - daysAgo * 24 * BINS * MINUTE_MS - BINS * MINUTE_MS,
    binMs: MINUTE_MS,
    bins: BINS,
    series,
  }
}
