import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { StampId } from '../../../src/domain/ids.ts'
import type { CpuSamples } from '../../../src/domain/series.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import type { WireAnswer } from './azure-client.ts'

const MINUTE_MS = 60_000

/** The pool that a scale set's ARM id stands for. */
export type PoolOf = (resourceId: string) => { readonly stamp: StampId; readonly role: string } | undefined

/** The batch API over simulated pools: lower-case dimensions, a point without a value for a minute without a sample. */
export function metricsServer({ cpu, poolOf }: { readonly cpu: Metrics['cpu']; readonly poolOf: PoolOf }) {
  return {
    async answer(request: PipelineRequest): Promise<WireAnswer> {
      const query = new URL(request.url).searchParams
      const { resourceids } = JSON.parse(String(request.body))
      const values = await Promise.all(
        resourceids.map(async (resourceId: string) => {
          const [starttime, endtime] = [query.get('starttime') ?? '', query.get('endtime') ?? '']
          const span = { fromMs: Date.parse(starttime), toMs: Date.parse(endtime) }
          const pool = poolOf(resourceId)
          const timeseries = pool
            ? seriesOf(await cpu({ ...pool, ...span }), span, Number(query.get('top')))
            : []
          return {
            ...{ starttime, endtime, interval: 'PT1M', resourceregion: 'westeurope' },
            namespace: query.get('metricnamespace'),
            resourceid: resourceId.toLowerCase(),
            value: [metric(resourceId, timeseries)],
          }
        }),
      )
      return { status: 200, body: { values } }
    },
  }
}

function metric(resourceId: string, timeseries: object[]): object {
  return {
    id: `${resourceId}/providers/Microsoft.Insights/metrics/Percentage CPU`,
    type: 'Microsoft.Insights/metrics',
    name: { value: 'Percentage CPU', localizedValue: 'Percentage CPU' },
    ...{ unit: 'Percent', errorCode: 'Success', timeseries },
  }
}

function seriesOf(
  { nodes, timesMs, nodeAt, cpuPercent, cpuPercentMax }: CpuSamples,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
  top: number,
): object[] {
  const minutes = Math.ceil((toMs - fromMs) / MINUTE_MS)
  const points = nodes.map(() =>
    Array.from({ length: minutes }, (_, at): Record<string, unknown> => {
      return { timeStamp: new Date(fromMs + at * MINUTE_MS).toISOString().replace('.000Z', 'Z') }
    }),
  )
  for (let i = 0; i < timesMs.length; i += 1) {
    const point = points[nodeAt[i] ?? 0]?.[Math.floor(((timesMs[i] ?? 0) - fromMs) / MINUTE_MS)]
    const average = cpuPercent[i] ?? Number.NaN
    if (!point || Number.isNaN(average)) continue
    Object.assign(point, { average })
    const maximum = cpuPercentMax?.[i] ?? Number.NaN
    if (!Number.isNaN(maximum)) Object.assign(point, { maximum })
  }
  return nodes.slice(0, top || 10).map((node, at) => ({
    metadatavalues: [{ name: { value: 'vmname', localizedValue: 'vmname' }, value: node }],
    data: points[at],
  }))
}
