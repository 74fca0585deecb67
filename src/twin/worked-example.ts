import type { Pool } from '../domain/fleet.ts'
import type { PoolCpu, ReplicaLoad } from '../domain/series.ts'
import { normalAt, numberOf, unitAt } from './seeded.ts'
import type { TwinFiles } from './twin-files.ts'
import {
  WORKED_CUSTOMER,
  WORKED_REGION,
  type WorkedRegistry,
  workedFleet,
  workedRegistries,
} from './worked-example-fleet.ts'
import { type PoolStory, STORIES, UNIT_COSTS, type UnitCost } from './worked-example-story.ts'

const MINUTE_MS = 60_000
const DAY_MINUTES = 1440
/** 36 hours, so that there is a day before the one that repeats to judge hysteresis by. */
const MINUTES = 2160
const END_MS = Date.UTC(2026, 2, 11)
const START_MS = END_MS - MINUTES * MINUTE_MS

/** CPU of a node without load, percent. */
const IDLE_PERCENT = 1.5
const NODE_NOISE_PERCENT = 2
/** How fast a customer's traffic drifts about its rhythm: weight of the minute before. */
const DRIFT_MEMORY = 0.97
const REGISTRY_NOISE = 0.02
const ERROR_SHARE = 0.0005
/** Seconds that a request is in flight, on average. */
const REQUEST_SECONDS = 3

/** The worked example as its files hold it: the same seed gives the same files. */
export function workedExample(options: { readonly seed: number; readonly metered: boolean }): TwinFiles {
  const fleet = workedFleet()
  const registries = workedRegistries()
  const pools = fleet.regions.flatMap((region) =>
    region.stamps.flatMap((stamp) => stamp.pools.map((pool) => ({ stamp: stamp.id, pool }))),
  )
  const cpu: PoolCpu[] = []
  const series: ReplicaLoad[] = []
  for (const { stamp, pool } of pools) {
    const story = STORIES[`${stamp}/${pool.role}`]
    const unit = UNIT_COSTS[pool.role]
    const residents = registries.filter((registry) => registry.stamp === stamp)
    const loads =
      story && unit ? residents.map((one) => replicaLoad(one, pool.role, { story, unit, ...options })) : []
    series.push(...loads.map(({ load }) => load))
    cpu.push(
      poolCpu({ stamp, pool, story, cores: sumOf(loads.map(({ cores }) => cores)), seed: options.seed }),
    )
  }
  return {
    fleet,
    region: WORKED_REGION,
    cpu,
    load: { startMs: START_MS, binMs: MINUTE_MS, bins: MINUTES, series },
  }
}

function replicaLoad(
  registry: WorkedRegistry,
  role: string,
  parts: {
    readonly story: PoolStory
    readonly unit: UnitCost
    readonly seed: number
    readonly metered: boolean
  },
): { readonly load: ReplicaLoad; readonly cores: Float64Array } {
  const { story, unit, seed, metered } = parts
  const isCustomer = registry.customer === WORKED_CUSTOMER
  const rhythm = rhythmOf(isCustomer ? WORKED_CUSTOMER : registry.name, registry.stamp, seed)
  const peakCores = (isCustomer ? story.customerCores : story.otherCores) * registry.share
  const bursts = story.bursts.filter((burst) => burst.registry === registry.name)
  const name = numberOf(`${registry.name}/${role}`)

  const requests = new Float64Array(MINUTES)
  const bytes = new Float64Array(MINUTES)
  for (let minute = 0; minute < MINUTES; minute++) {
    const burst = bursts.find((one) => one.minuteOfDay === minuteOfDay(minute))
    const own = 1 + REGISTRY_NOISE * normalAt(seed, name, minute)
    const cores = peakCores * (rhythm[minute] ?? 0) * own + (burst?.cores ?? 0)
    requests[minute] = wholeNumber(
      (cores * unit.requestPart) / unit.perRequest,
      unitAt(seed, name, minute, 1),
    )
    const bytesPerRequest = ((1 - unit.requestPart) * unit.perRequest) / (unit.requestPart * unit.perByte)
    bytes[minute] = Math.round(
      (requests[minute] ?? 0) * bytesPerRequest * (1 + 0.05 * normalAt(seed, name, minute, 2)),
    )
  }
  const cores = requests.map((count, at) => count * unit.perRequest + (bytes[at] ?? 0) * unit.perByte)
  const inFlight = requests.map((count, at) =>
    wholeNumber((count * REQUEST_SECONDS) / 60, unitAt(seed, name, at, 3)),
  )
  const errors = requests.map((count, at) => wholeNumber(count * ERROR_SHARE, unitAt(seed, name, at, 4)))
  const load = {
    registry: registry.name,
    role,
    requests,
    bytes,
    throttled: new Float64Array(MINUTES),
    errors,
    inFlight,
    cpuSeconds: metered ? cores.map((value) => Math.round(value * 60 * 1000) / 1000) : null,
  }
  return { load, cores }
}

/** Rounded up as often as its fraction says, so that sparse traffic has its mean. */
function wholeNumber(value: number, draw: number): number {
  return Math.floor(value + draw)
}

/** A customer's traffic over the days, 1 at its height. The one customer works by day; the others' users are everywhere. */
function rhythmOf(who: string, stamp: string, seed: number): Float64Array {
  const name = numberOf(`${who}@${stamp}`)
  const isCustomer = who === WORKED_CUSTOMER
  const values = new Float64Array(MINUTES)
  const spread = isCustomer ? 0.1 : 0.04
  let drift = 0
  for (let minute = 0; minute < MINUTES; minute++) {
    drift = DRIFT_MEMORY * drift + Math.sqrt(1 - DRIFT_MEMORY ** 2) * normalAt(seed, name, minute, 5)
    const level = isCustomer ? customerLevel(minuteOfDay(minute)) : otherLevel(minuteOfDay(minute))
    values[minute] = Math.max(0.02, level * (1 + spread * drift))
  }
  return values
}

/** High from 08:00 to 19:00 with shoulders of an hour, low at night, and a pause when its pipelines restart at 12:30. */
function customerLevel(minute: number): number {
  if (minute >= 750 && minute < 765) return 0.14
  const rise = Math.min(1, Math.max(0, (minute - 450) / 60))
  const fall = Math.min(1, Math.max(0, (1170 - minute) / 60))
  return 0.2 + 0.8 * Math.min(rise, fall)
}

function otherLevel(minute: number): number {
  return 0.93 + 0.07 * Math.cos(((minute - 840) / DAY_MINUTES) * 2 * Math.PI)
}

function minuteOfDay(minute: number): number {
  return ((START_MS / MINUTE_MS + minute) % DAY_MINUTES) | 0
}

function poolCpu(parts: {
  readonly stamp: string
  readonly pool: Pool
  readonly story: PoolStory | undefined
  readonly cores: Float64Array
  readonly seed: number
}): PoolCpu {
  const { stamp, pool, story, cores, seed } = parts
  const name = numberOf(`${stamp}/${pool.role}`)
  const length = MINUTES * pool.nodes
  const weights = nodeWeights(pool.nodes, story?.hotNodeWeight ?? 1)
  const values = new Float64Array(length)
  for (let minute = 0; minute < MINUTES; minute++) {
    const burst = story?.bursts.find((one) => one.minuteOfDay === minuteOfDay(minute))
    const steady = (cores[minute] ?? 0) - (burst?.cores ?? 0)
    for (let node = 0; node < pool.nodes; node++) {
      const onNode = (steady / pool.nodes) * (weights[node] ?? 1) + (burst?.node === node ? burst.cores : 0)
      const percent = IDLE_PERCENT + (100 * onNode) / pool.vcpusPerNode
      const noise = 1 + (NODE_NOISE_PERCENT / 100) * normalAt(seed, name, minute, node)
      values[minute * pool.nodes + node] = Math.round(Math.min(100, percent * noise) * 100) / 100
    }
  }
  return {
    region: WORKED_REGION,
    stamp,
    role: pool.role,
    samples: {
      nodes: Array.from({ length: pool.nodes }, (_, at) => `${stamp}-${pool.role}-${at}`),
      timesMs: Float64Array.from({ length }, (_, at) => START_MS + Math.floor(at / pool.nodes) * MINUTE_MS),
      nodeAt: Uint32Array.from({ length }, (_, at) => at % pool.nodes),
      cpuPercent: values,
      cpuPercentMax: null,
    },
  }
}

/** One node has more than its part, as connections cling to it; the others differ little. Their mean is 1. */
function nodeWeights(nodes: number, hotNodeWeight: number): number[] {
  const rest = (nodes - hotNodeWeight) / Math.max(1, nodes - 1)
  return Array.from({ length: nodes }, (_, at) => {
    if (at === 1) return hotNodeWeight
    return rest * (1 + 0.08 * Math.cos(at * 2.4))
  })
}

function sumOf(columns: readonly Float64Array[]): Float64Array {
  const sum = new Float64Array(MINUTES)
  for (const column of columns) for (const [at, value] of column.entries()) sum[at] = (sum[at] ?? 0) + value
  return sum
}
