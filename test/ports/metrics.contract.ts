import { describe, expect, it } from 'vitest'
import { RegistryName, StampId } from '../../src/domain/ids.ts'
import type { Metrics } from '../../src/ports/metrics.ts'

export interface MetricsUnderTest {
  readonly metrics: Metrics
  readonly region: string
  readonly stamp: StampId
  readonly role: string
  /** A span of an hour in which the pool has samples, starting on a bin. */
  readonly fromMs: number
  readonly toMs: number
}

/** What every implementation of `Metrics` must do. */
export function metricsContract(name: string, open: () => Promise<MetricsUnderTest>): void {
  describe(`${name} keeps the metrics contract`, () => {
    it('samples lie in the half-open span, each of a named node, in columns of one length', async () => {
      const { metrics, stamp, role, fromMs, toMs } = await open()
      const samples = await metrics.cpu({ stamp, role, fromMs, toMs })
      const { timesMs, nodeAt, cpuPercent, nodes } = samples

      expect(timesMs.length).toBeGreaterThan(0)
      expect(nodeAt).toHaveLength(timesMs.length)
      expect(cpuPercent).toHaveLength(timesMs.length)
      expect(timesMs.every((timeMs) => timeMs >= fromMs && timeMs < toMs)).toBe(true)
      expect(nodeAt.every((node) => nodes[node] !== undefined)).toBe(true)
    })

    it('two halves of a span hold what the whole holds', async () => {
      const { metrics, stamp, role, fromMs, toMs } = await open()
      const middleMs = (fromMs + toMs) / 2
      const whole = await metrics.cpu({ stamp, role, fromMs, toMs })
      const first = await metrics.cpu({ stamp, role, fromMs, toMs: middleMs })
      const second = await metrics.cpu({ stamp, role, fromMs: middleMs, toMs })

      expect([...first.cpuPercent, ...second.cpuPercent]).toEqual([...whole.cpuPercent])
    })

    it('asked twice, the same span has the same samples', async () => {
      const { metrics, stamp, role, fromMs, toMs } = await open()

      expect(await metrics.cpu({ stamp, role, fromMs, toMs })).toEqual(
        await metrics.cpu({ stamp, role, fromMs, toMs }),
      )
    })

    it('an unknown pool and an empty span give empty columns', async () => {
      const { metrics, stamp, role, fromMs, toMs } = await open()
      const unknown = await metrics.cpu({ stamp: StampId.parse('no-such-stamp'), role, fromMs, toMs })

      expect(unknown.timesMs).toHaveLength(0)
      expect((await metrics.cpu({ stamp, role, fromMs, toMs: fromMs })).timesMs).toHaveLength(0)
    })

    it('load comes on a grid of whole bins inside the span, all columns of its length', async () => {
      const { metrics, region, fromMs, toMs } = await open()
      const load = await metrics.load({ region, fromMs: fromMs + 1, toMs: toMs - 1 })

      expect(load.startMs).toBeGreaterThanOrEqual(fromMs + 1)
      expect(load.startMs % load.binMs).toBe(0)
      expect(load.startMs + load.bins * load.binMs).toBeLessThanOrEqual(toMs - 1)
      expect(load.bins).toBeGreaterThan(0)
      expect(load.series.length).toBeGreaterThan(0)
      for (const series of load.series) {
        const columns = [series.requests, series.bytes, series.throttled, series.errors, series.inFlight]
        for (const column of columns) if (column) expect(column).toHaveLength(load.bins)
      }
    })

    it('load of some registries is what the whole region has of them', async () => {
      const { metrics, region, fromMs, toMs } = await open()
      const all = await metrics.load({ region, fromMs, toMs })
      const name = RegistryName.parse(all.series[0]?.registry)
      const one = await metrics.load({ region, registries: [name], fromMs, toMs })

      expect(one.series).toEqual(all.series.filter(({ registry }) => registry === name))
      expect(one).toMatchObject({ startMs: all.startMs, binMs: all.binMs, bins: all.bins })
      expect((await metrics.load({ region, registries: [], fromMs, toMs })).series).toEqual([])
    })

    it('load of an unknown region is empty', async () => {
      const { metrics, fromMs, toMs } = await open()

      expect((await metrics.load({ region: 'nowhere', fromMs, toMs })).series).toHaveLength(0)
    })
  })
}
