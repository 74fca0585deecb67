import { binMsOf, type Signals, signalsIn, type Window } from '../domain/hot-node.ts'
import type { StampId } from '../domain/ids.ts'
import { peakWindowOf } from '../domain/local-window.ts'
import type { Policy } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import type { LoadLook } from '../domain/reactive.ts'
import type { CpuSamples, PoolCpu, RegionLoad } from '../domain/series.ts'
import type { Ports } from '../ports/ports.ts'

const HOUR_MS = 3_600_000
const DAY_MS = 24 * HOUR_MS
/** A week has each weekday once. */
const PAST_DAYS = 7

export interface PoolKey {
  readonly stamp: StampId
  readonly role: string
}

/** Up to when telemetry can be there by now; epoch ms. A look at later minutes would take lateness for silence. */
export function knownUntilMs({ metrics, clock }: Pick<Ports, 'metrics' | 'clock'>): number {
  return clock.nowMs() - metrics.lateMs
}

/** A window over the samples' own bins that lies within [fromMs, toMs). */
export function binnedWindow(samples: CpuSamples, fromMs: number, toMs: number): Window {
  const binMs = binMsOf(samples)
  const startMs = Math.ceil(fromMs / binMs) * binMs
  return { startMs, endMs: Math.max(startMs + binMs, Math.floor(toMs / binMs) * binMs), binMs }
}

/** The three figures of a pool over a stretch of time. */
export async function signalsOver(
  { metrics }: Pick<Ports, 'metrics'>,
  pool: PoolKey,
  span: { readonly startMs: number; readonly endMs: number },
  policy: Policy,
): Promise<Signals> {
  const samples = await metrics.cpu({ ...pool, fromMs: span.startMs, toMs: span.endMs })
  return signalsIn(samples, binnedWindow(samples, span.startMs, span.endMs), {
    minCoverage: policy.minCoverage,
  })
}

/** The peak window of the 24 hours before an instant; null where none has the coverage. */
export async function peakBefore(
  { metrics }: Pick<Ports, 'metrics'>,
  pool: PoolKey,
  endMs: number,
  policy: Policy,
): Promise<Window | null> {
  const fromMs = endMs - lookBackHours(policy) * HOUR_MS
  const samples = await metrics.cpu({ ...pool, fromMs, toMs: endMs })
  return peakWindowOf(samples, policy, { binMs: binMsOf(samples), nowMs: endMs })
}

/** Everything that scanning and planning look at: a region's CPU and load over so many hours; `nowMs` is where they end. */
export async function regionTelemetry(
  ports: Pick<Ports, 'catalog' | 'metrics' | 'clock'>,
  region: string,
  hours: number,
): Promise<{
  fleet: Awaited<ReturnType<Ports['catalog']['fleet']>>
  region: string
  cpu: PoolCpu[]
  load: RegionLoad
  nowMs: number
}> {
  const { catalog, metrics } = ports
  const nowMs = knownUntilMs(ports)
  const span = { fromMs: nowMs - hours * HOUR_MS, toMs: nowMs }
  const fleet = await catalog.fleet()
  const stamps = fleet.regions.find(({ name }) => name === region)?.stamps ?? []
  const cpu: PoolCpu[] = []
  for (const stamp of stamps) {
    for (const { role } of stamp.pools) {
      cpu.push({
        region,
        stamp: stamp.id,
        role,
        samples: await metrics.cpu({ stamp: stamp.id, role, ...span }),
      })
    }
  }
  return { fleet, region, cpu, load: await metrics.load({ region, ...span }), nowMs }
}

/** The load of the last hour and of the same hour on days before, which a region's reactive signals are told from. */
export async function loadLook(
  { metrics }: Pick<Ports, 'metrics'>,
  region: string,
  nowMs: number,
): Promise<LoadLook> {
  const hourBefore = (endMs: number) => metrics.load({ region, fromMs: endMs - HOUR_MS, toMs: endMs })
  const past: RegionLoad[] = []
  for (let day = 1; day <= PAST_DAYS; day += 1) past.push(await hourBefore(nowMs - day * DAY_MS))
  return { now: await hourBefore(nowMs), past }
}
