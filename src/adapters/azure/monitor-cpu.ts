import type { MetricsClient, MetricsQueryResult } from '@azure/monitor-query-metrics'
import type { PoolRole } from '../../domain/fleet.ts'
import type { StampId } from '../../domain/ids.ts'
import type { CpuSamples } from '../../domain/series.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { LATE_MS } from './telemetry-lateness.ts'

const MINUTE_MS = 60_000
const NAMESPACE = 'microsoft.compute/virtualmachinescalesets'
const METRIC = 'Percentage CPU'
const INTERVAL = 'PT1M'
/** A scale set has no more instances. The service's own limit is 10, and it leaves out the rest without a word. */
const SERIES_MAX = 1000
/** One answer holds so much of a scale set. */
const CHUNK_MS = 24 * 3_600_000

/** A pool's scale set, and the regional endpoint that has its metrics. */
export interface PoolScaleSet {
  /** ARM id of the scale set. */
  readonly resourceId: string
  readonly client: Pick<MetricsClient, 'queryResources'>
}

/** A stretch of time that is left out as a whole, since what came of it is not all that there was. */
export interface LeftOut {
  readonly stamp: StampId
  readonly role: PoolRole
  readonly fromMs: number
  readonly toMs: number
  readonly why: string
}

/**
 * CPU per node and minute from Azure Monitor's batch API, average and greatest. A stretch whose answer is not whole (an error
 * code beside the data, another interval, series cut off) is left out and told of: too few nodes would look cooler than they are.
 */
export function createMonitorCpu({
  scaleSetOf,
  clock,
  leftOut,
}: {
  /** Undefined where there is no such pool: stamps are made and removed meanwhile. */
  readonly scaleSetOf: (stamp: StampId, role: PoolRole) => Promise<PoolScaleSet | undefined>
  readonly clock: Clock
  readonly leftOut: (span: LeftOut) => void
}): Metrics['cpu'] {
  return async ({ stamp, role, fromMs, toMs }) => {
    const pool = await scaleSetOf(stamp, role)
    const endMs = Math.min(toMs, Math.floor((clock.nowMs() - LATE_MS) / MINUTE_MS) * MINUTE_MS)
    const rows: Row[] = []
    for (let startMs = fromMs; pool && startMs < endMs; startMs += CHUNK_MS) {
      const span = { fromMs: startMs, toMs: Math.min(startMs + CHUNK_MS, endMs) }
      const answer = await ask(pool, span)
      const why = whyNotWhole(answer, pool)
      if (why) leftOut({ stamp, role, ...span, why })
      else rows.push(...rowsOf(answer, span))
    }
    return samplesOf(rows)
  }
}

interface Span {
  readonly fromMs: number
  readonly toMs: number
}

interface Row {
  readonly atMs: number
  readonly node: string
  readonly average: number
  readonly greatest: number
}

async function ask(
  { client, resourceId }: PoolScaleSet,
  { fromMs, toMs }: Span,
): Promise<MetricsQueryResult[]> {
  return client.queryResources([resourceId], [METRIC], NAMESPACE, {
    startTime: new Date(fromMs),
    endTime: new Date(toMs),
    interval: INTERVAL,
    aggregation: 'average,maximum',
    filter: "VMName eq '*'",
    top: SERIES_MAX,
  })
}

/** Why an answer can't stand for all nodes of the pool in its span; undefined where it can. */
function whyNotWhole(
  answer: readonly MetricsQueryResult[],
  { resourceId }: PoolScaleSet,
): string | undefined {
  const of = answer.filter((result) => result.resourceId?.toLowerCase() === resourceId.toLowerCase())
  const [result, ...more] = of
  const metric = result?.metrics.find(({ name }) => name === METRIC)
  if (!result || !metric || more.length > 0)
    return `the answer has ${of.length} results for the scale set, not one`
  if (result.granularity !== INTERVAL) return `the answer is by ${result.granularity}, not by ${INTERVAL}`
  const { errorCode = 'Success', errorMessage, timeseries } = metric
  if (errorCode !== 'Success') return `${METRIC} came with ${errorCode}: ${errorMessage ?? 'no message'}`
  if (timeseries.length >= SERIES_MAX) return `the answer was cut off at ${SERIES_MAX} nodes`
  const nodes = timeseries.map(nodeOf)
  if (nodes.includes(undefined)) return 'a series of the answer names no node'
  if (new Set(nodes).size < nodes.length) return 'a node of the answer has two series'
  return undefined
}

type Series = MetricsQueryResult['metrics'][number]['timeseries'][number]

/** Dimensions come back in lower case, whatever was asked for. */
function nodeOf({ metadatavalues }: Series): string | undefined {
  return metadatavalues?.find(({ name }) => name?.toLowerCase() === 'vmname')?.value
}

/** A point without its average is no sample: the node did not report. */
function rowsOf(answer: readonly MetricsQueryResult[], { fromMs, toMs }: Span): Row[] {
  return answer
    .flatMap(({ metrics }) => metrics)
    .flatMap(({ timeseries }) => timeseries)
    .flatMap((series) =>
      (series.data ?? []).flatMap(({ timeStamp, average, maximum }) => {
        const atMs = timeStamp.getTime()
        const isSample = typeof average === 'number' && atMs >= fromMs && atMs < toMs
        return isSample
          ? [{ atMs, node: nodeOf(series) ?? '', average, greatest: maximum ?? Number.NaN }]
          : []
      }),
    )
}

function samplesOf(rows: readonly Row[]): CpuSamples {
  const nodes = [...new Set(rows.map(({ node }) => node))].toSorted()
  const at = new Map(nodes.map((node, index) => [node, index]))
  const inOrder = rows.toSorted((a, b) => a.atMs - b.atMs || (at.get(a.node) ?? 0) - (at.get(b.node) ?? 0))
  return {
    nodes,
    timesMs: Float64Array.from(inOrder, ({ atMs }) => atMs),
    nodeAt: Uint32Array.from(inOrder, ({ node }) => at.get(node) ?? 0),
    cpuPercent: Float64Array.from(inOrder, ({ average }) => average),
    cpuPercentMax: Float64Array.from(inOrder, ({ greatest }) => greatest),
  }
}
