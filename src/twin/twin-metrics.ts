import type { Metrics } from '../ports/metrics.ts'
import { loadBetween } from './load-view.ts'
import { servesBetween } from './made-stamps.ts'
import { NO_SAMPLES } from './pool-source.ts'
import type { Region } from './region.ts'
import type { Timeline } from './timeline.ts'
import type { TwinFiles } from './twin-files.ts'
import type { TwinPool } from './twin-pools.ts'

/** Telemetry up to now: a bin is there once it is over. */
export function twinMetrics(parts: {
  readonly files: TwinFiles
  readonly timeline: Timeline
  readonly region: Region
  readonly pools: readonly TwinPool[]
}): Metrics {
  const { files, timeline, region, pools } = parts
  const overMs = () => Math.floor(region.nowMs() / timeline.binMs) * timeline.binMs
  return {
    lateMs: 0,
    async cpu({ stamp, role, fromMs, toMs }) {
      const found = pools.find((pool) => pool.stamp === stamp && pool.pool.role === role)
      if (!found) return NO_SAMPLES
      const made = region.made(stamp)
      const there = made ? servesBetween(made) : { fromMs, toMs }
      const untilMs = Math.min(toMs, there.toMs, overMs())
      return found.telemetry.between(Math.max(fromMs, there.fromMs), untilMs)
    },
    async load({ region: name, registries, fromMs, toMs }) {
      if (name === files.region) {
        const only = registries && new Set<string>(registries)
        return loadBetween({ files, timeline, region, only }, fromMs, Math.min(toMs, overMs()))
      }
      return { startMs: fromMs, binMs: timeline.binMs, bins: 0, series: [] }
    },
  }
}
