import type { LogsQueryClient, LogsTable } from '@azure/monitor-query-logs'
import { z } from 'zod'
import { partsOf, type ReplicaId, type StampId } from '../../domain/ids.ts'
import type { Clock } from '../../ports/clock.ts'
import { type Residue, STRAGGLERS_MAX, type Straggler, type Traffic } from '../../ports/traffic.ts'
import { asking } from './azure-fault.ts'
import type { AzureMap } from './azure-map.ts'
import { amountOf, datetime, instantOf, literal, placesIn, wholeTable } from './logs-table.ts'

/** A request longer ago than this is no longer looked for. */
const LOOK_BACK_MS = 24 * 3_600_000
const TIMEOUT_SECONDS = 60
export const LOG_READER = 'Restamp log reader (infra/stamps), or Log Analytics Data Reader,'

/**
 * What the operator's residue query gives, in one row. `logsUntil`: up to when the stamp's logs are complete, such as the time of the
 * last heartbeat that its front end logged; `lastRequest`: null for none since `fromTime`; `stragglers`: an array of `{kind, id}`.
 */
export const RESIDUE_COLUMNS = ['logsUntil', 'lastRequest', 'inFlight', 'openUploads', 'stragglers'] as const

/** Logs don't tell what a stamp still serves of a replica, which is not that it serves nothing. */
export class ResidueUnknown extends Error {
  override readonly name = 'ResidueUnknown'
}

const Stragglers = z.array(z.object({ kind: z.enum(['client', 'upload']), id: z.string().min(1) })).nullable()

/**
 * Residue from Log Analytics. Logs come minutes late, so what it tells is known up to `logsUntil` and no further. Throws
 * `ResidueUnknown` for an answer that is not whole, `ColumnMissing` for one that the operator's query has to be changed for.
 */
export function createLogsResidue({
  map,
  client,
  clock,
}: {
  readonly map: Pick<AzureMap, 'regions'>
  readonly client: Pick<LogsQueryClient, 'queryWorkspace'>
  readonly clock: Clock
}): Traffic['residue'] {
  return async (replica, stamp) => {
    const { region: name } = partsOf(replica)
    const logs = map.regions.find((region) => region.name === name)?.logs
    if (!logs)
      throw new ResidueUnknown(
        `${name} has no logs in the mapping, so nothing tells what ${stamp} still serves`,
      )
    const nowMs = clock.nowMs()
    const span = { fromMs: nowMs - LOOK_BACK_MS, toMs: nowMs }
    const query = `${residueNames(replica, stamp, span)}\n${logs.residueQuery}`
    const timespan = { startTime: new Date(span.fromMs), endTime: new Date(span.toMs) }
    const what = `the residue query of ${name} for ${replica} on ${stamp}`
    const answer = wholeTable(
      await asking({ of: `workspace ${logs.workspaceId}`, role: LOG_READER }, () =>
        client.queryWorkspace(logs.workspaceId, query, timespan, { serverTimeoutInSeconds: TIMEOUT_SECONDS }),
      ),
    )
    if (answer.kind === 'incomplete') throw new ResidueUnknown(`${what}: ${answer.why}`)
    return residueIn(answer.table, what, nowMs)
  }
}

/** The names that the operator's query reads. They are such as no column has: a column would hide them. */
export function residueNames(
  replica: ReplicaId,
  stamp: StampId,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string {
  const { registry, region } = partsOf(replica)
  return [
    `let fromTime = ${datetime(fromMs)};`,
    `let toTime = ${datetime(toMs)};`,
    `let askedRegistry = ${literal(registry)};`,
    `let askedRegion = ${literal(region)};`,
    `let askedStamp = ${literal(stamp)};`,
  ].join('\n')
}

function residueIn(table: LogsTable, what: string, nowMs: number): Residue {
  const place = placesIn(table, what)
  const [until, last, inFlight, uploads, who] = RESIDUE_COLUMNS.map(place)
  const [row, ...more] = table.rows
  if (!row || more.length > 0)
    throw new ResidueUnknown(
      `${what} gives ${table.rows.length} rows; expected one, with zeros where nothing is left`,
    )
  const cell = (at: number | undefined) => row[at ?? -1] ?? null
  const lastMs = cell(last) === null ? null : instantOf(cell(last))
  const known = {
    logsUntil: instantOf(cell(until)),
    lastRequest: lastMs ?? 0,
    inFlight: amountOf(cell(inFlight)),
    openUploads: amountOf(cell(uploads)),
  }
  for (const [name, value] of Object.entries(known))
    if (Number.isNaN(value)) throw new ResidueUnknown(`${what} gives no ${name}; an absent value is no zero`)
  return {
    lastRequestAtMs: lastMs,
    inFlight: known.inFlight,
    openUploads: known.openUploads,
    stragglers: stragglersIn(cell(who), what),
    knownUntilMs: Math.min(nowMs, known.logsUntil),
  }
}

function stragglersIn(cell: LogsTable['rows'][number][number] | null, what: string): Straggler[] {
  const parsed = Stragglers.safeParse(cell)
  if (!parsed.success)
    throw new ResidueUnknown(`${what} gives stragglers that are no array of {kind: "client" or "upload", id}`)
  const once = new Map((parsed.data ?? []).map((one) => [`${one.kind} ${one.id}`, one]))
  return [...once.values()].slice(0, STRAGGLERS_MAX)
}
