import { LogsQueryClient } from '@azure/monitor-query-logs'
import { replicaId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Metrics } from '../../ports/metrics.ts'
import type { AzureMap, AzureRegion } from './azure-map.ts'
import { type Check, NotTold, ToFix } from './check-found.ts'
import { checkLoadQuery, checkResidueQuery, type QueryFound, youngestLoad } from './check-queries.ts'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'
import { LOG_READER } from './logs-residue.ts'
import { LATE_MS } from './telemetry-lateness.ts'

const LOOK_BACK_MS = 3_600_000
/** Nobody's: the residue query is to answer with zeros for it. */
const NO_REPLICA = 'restamp-check'

interface Parts extends ClientOptions {
  readonly map: AzureMap
  readonly clock: Clock
  readonly cpu: Metrics['cpu']
}

/** Whether signals come at all, how old the youngest of each pool is, and whether the operator's queries fit. */
export function telemetryChecks(parts: Parts): Check[] {
  return parts.map.regions.flatMap((region) => [
    ...region.stamps.flatMap((stamp) => stamp.pools.map((pool) => cpuCheck(parts, stamp, pool.role))),
    ...logsChecks(parts, region),
  ])
}

function cpuCheck(
  { cpu, clock }: Parts,
  { stamp, resourceGroup }: AzureRegion['stamps'][number],
  role: string,
): Check {
  return {
    check: `${stamp}/${role}: CPU`,
    right: {
      name: 'Microsoft.Insights/metrics/read',
      role: 'Restamp metric reader',
      at: `the group ${resourceGroup} (or, where that does not help, its subscription)`,
    },
    run: async () => {
      const nowMs = clock.nowMs()
      const { timesMs, nodes, cpuPercent } = await cpu({
        stamp,
        role,
        fromMs: nowMs - LOOK_BACK_MS,
        toMs: nowMs,
      })
      const youngestMs = timesMs.reduce(
        (youngest, atMs, at) => (Number.isNaN(cpuPercent[at]) ? youngest : Math.max(youngest, atMs)),
        Number.NEGATIVE_INFINITY,
      )
      if (youngestMs === Number.NEGATIVE_INFINITY)
        throw new ToFix(
          'no sample in the last hour',
          'look whether its nodes run, whether metrics of single nodes (dimension VMName) are there, and at the log',
        )
      return aged(`${nodes.length} nodes`, nowMs - youngestMs, 2 * LATE_MS)
    },
  }
}

function logsChecks(parts: Parts, { name, logs, stamps }: AzureRegion): Check[] {
  const { workspaceId, loadQuery, residueQuery, binSeconds } = logs
  const client = new LogsQueryClient(parts.credential, onceMoreOptions(parts))
  const at = () => ({ client, workspaceId, nowMs: parts.clock.nowMs() })
  const right = {
    name: 'Microsoft.OperationalInsights/workspaces/query/TABLE/read, of each table that the query asks',
    role: LOG_READER.split(',')[0] ?? '',
    at: `the workspace ${workspaceId}`,
  }
  const [first] = stamps
  return [
    {
      ...{ check: `${name}: load query`, right },
      run: async () => fitting(await checkLoadQuery(at(), loadQuery)),
    },
    {
      ...{ check: `${name}: load is fresh`, right },
      run: async () => {
        const youngest = await youngestLoad(at(), loadQuery)
        const nowMs = parts.clock.nowMs()
        if (youngest.size === 0)
          throw new ToFix(
            'no row in the last hour',
            'look at the query, and whether logs reach the workspace',
          )
        const [pool, atMs] = [...youngest].toSorted(([, a], [, b]) => a - b)[0] ?? ['', Number.NaN]
        return aged(`least in ${pool}`, nowMs - atMs, 2 * LATE_MS + binSeconds * 1000)
      },
    },
    {
      ...{ check: `${name}: residue query`, right },
      run: async () => {
        const of = { replica: replicaId(NO_REPLICA, name), stamp: first?.stamp ?? '' }
        return fitting(await checkResidueQuery(at(), residueQuery, of))
      },
    },
  ]
}

function fitting({ outcome, found, fault }: QueryFound): string {
  if (outcome === 'fits') return found
  if (fault) throw fault
  if (outcome === 'wrong')
    throw new ToFix(found, 'correct the query in the map; docs/deploy.md says what it has to give')
  throw new NotTold(found, 'ask again; where it stays so, make the query ask for less')
}

function aged(words: string, ageMs: number, ageMsMax: number): string {
  const [age, most] = [Math.round(ageMs / 1000), Math.round(ageMsMax / 1000)]
  if (!(ageMs <= ageMsMax))
    throw new ToFix(
      `${words}, the youngest ${age} s old; more than ${most} s`,
      'nothing starts on old signals: look at the agents and at what sends to Monitor',
    )
  return `${words}, the youngest ${age} s old`
}
