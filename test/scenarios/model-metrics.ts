import type { Fleet } from '../../src/domain/fleet.ts'
import { replicaId } from '../../src/domain/ids.ts'
import type { Metrics } from '../../src/ports/metrics.ts'
import type { ModelRegion } from './model-region.ts'

const BIN_MS = 300_000
const BINS_MAX = 3000
const REQUESTS = new Float64Array(BINS_MAX).fill(600)
const NOTHING = new Float64Array(BINS_MAX)
const IN_FLIGHT = new Float64Array(BINS_MAX).fill(2)
const NODE_AT = new Uint32Array(BINS_MAX)
const PERCENT = new Float64Array(BINS_MAX).fill(20)
const BAD_SHARE = 0.5
/** Longer than an observation and all that it is extended by. */
const BLIND_MS = 12 * 3_600_000

/** Telemetry that is the same in each minute, but for bad stamps and gaps: slices of columns that are made once. */
export class ModelMetrics implements Metrics {
  readonly lateMs = 0
  readonly #fleet: Fleet
  readonly #region: ModelRegion
  readonly #nowMs: () => number
  readonly #beginsMs: number
  /** By stamp: nothing is reported in these spans. */
  readonly gaps: { readonly stamp: string; readonly fromMs: number; readonly toMs: number }[] = []
  /** So many of the next moves that are done leave their destination without telemetry. */
  blinds = 0

  constructor(parts: {
    readonly fleet: Fleet
    readonly region: ModelRegion
    readonly nowMs: () => number
    /** Nothing is known from before. */
    readonly beginsMs: number
  }) {
    this.#fleet = parts.fleet
    this.#region = parts.region
    this.#nowMs = parts.nowMs
    this.#beginsMs = parts.beginsMs
  }

  /** Called when a move to a stamp is done. */
  moved(stamp: string, atMs: number): void {
    if (this.blinds === 0) return
    this.blinds -= 1
    this.gaps.push({ stamp, fromMs: atMs, toMs: atMs + BLIND_MS })
  }

  async cpu({ stamp, fromMs, toMs }: Parameters<Metrics['cpu']>[0]) {
    const { startMs, bins } = this.#grid(fromMs, toMs)
    const gap = this.#gapIn(stamp, startMs, bins)
    const cpuPercent = PERCENT.slice(0, bins)
    for (let bin = 0; gap && bin < bins; bin += 1)
      if (gap(startMs + bin * BIN_MS)) cpuPercent[bin] = Number.NaN
    return {
      nodes: [`${stamp}-n0`],
      timesMs: Float64Array.from({ length: bins }, (_, bin) => startMs + bin * BIN_MS),
      nodeAt: NODE_AT.subarray(0, bins),
      cpuPercent,
      cpuPercentMax: null,
    }
  }

  async load({ region, registries, fromMs, toMs }: Parameters<Metrics['load']>[0]) {
    const { startMs, bins } = this.#grid(fromMs, toMs)
    const series = this.#fleet.registries.flatMap(({ name, replicas }) => {
      if (registries && !registries.includes(name)) return []
      if (!replicas.some((replica) => replica.region === region)) return []
      const home = this.#region.binding(replicaId(name, region))?.homeStamp ?? ''
      const base = {
        ...{ registry: name, role: 'compute', bytes: null, cpuSeconds: null },
        requests: REQUESTS.subarray(0, bins),
        errors: NOTHING.subarray(0, bins),
        throttled: NOTHING.subarray(0, bins),
        inFlight: IN_FLIGHT.subarray(0, bins),
      }
      return [this.#marked(base, home, startMs)]
    })
    return { startMs, binMs: BIN_MS, bins, series }
  }

  #marked<S extends { requests: Float64Array; errors: Float64Array }>(
    base: S,
    home: string,
    startMs: number,
  ): S {
    const { length } = base.requests
    const badMs = this.#region.bad.get(home) ?? Number.POSITIVE_INFINITY
    const gap = this.#gapIn(home, startMs, length)
    if (!gap && badMs >= startMs + length * BIN_MS) return base
    const at = (bin: number) => startMs + bin * BIN_MS
    const errors = base.errors.map((_, bin) => (at(bin) >= badMs ? 600 * BAD_SHARE : 0))
    const requests = base.requests.map((count, bin) => (gap?.(at(bin)) ? Number.NaN : count))
    return { ...base, errors, requests }
  }

  #gapIn(stamp: string, startMs: number, bins: number): ((atMs: number) => boolean) | undefined {
    const own = this.gaps.filter(
      (gap) => gap.stamp === stamp && gap.toMs > startMs && gap.fromMs < startMs + bins * BIN_MS,
    )
    return own.length === 0
      ? undefined
      : (atMs) => own.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs)
  }

  #grid(fromMs: number, toMs: number): { startMs: number; bins: number } {
    const endMs = Math.floor(Math.min(toMs, this.#nowMs()) / BIN_MS) * BIN_MS
    const first = Math.max(fromMs, this.#beginsMs, endMs - BINS_MAX * BIN_MS)
    const startMs = Math.ceil(first / BIN_MS) * BIN_MS
    return { startMs, bins: Math.max(0, Math.round((endMs - startMs) / BIN_MS)) }
  }
}
