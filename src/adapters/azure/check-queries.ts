import type { LogsQueryClient, LogsTable } from '@azure/monitor-query-logs'
import { type ReplicaId, StampId } from '../../domain/ids.ts'
import { LOAD_COLUMNS } from '../../domain/load-rows.ts'
import { asking } from './azure-fault.ts'
import { bounds } from './logs-load.ts'
import { LOG_READER, RESIDUE_COLUMNS, residueNames } from './logs-residue.ts'
import { instantOf, wholeTable } from './logs-table.ts'

const LOOK_BACK_MS = 3_600_000
const TIMEOUT_SECONDS = 60

/** How one of the operator's queries does on its workspace. `wrong` is cured by changing the query, `unasked` is not. */
export interface QueryFound {
  readonly outcome: 'fits' | 'wrong' | 'unasked'
  readonly found: string
  /** What the workspace was thrown for, where it was not asked well or at all. */
  readonly fault?: Error
}

export interface QueryCheck {
  readonly client: Pick<LogsQueryClient, 'queryWorkspace'>
  readonly workspaceId: string
  readonly nowMs: number
}

/** Whether the load query gives the columns of `replica-load.csv`, over the last hour. */
export async function checkLoadQuery(check: QueryCheck, loadQuery: string): Promise<QueryFound> {
  const span = { fromMs: check.nowMs - LOOK_BACK_MS, toMs: check.nowMs }
  return found(check, `${bounds(span)}\n${loadQuery}\n| take 1`, (table) => {
    const given = table.columnDescriptors.map(({ name }) => name ?? '')
    const missing = ['timestamp', 'registry', 'pool'].filter((name) => !given.includes(name))
    if (!given.includes('bytes') && !given.includes('requests')) missing.push('requests or bytes')
    const others = LOAD_COLUMNS.filter((name) => given.includes(name))
    return missing.length > 0 ? lacking(missing, given) : fitting(`gives ${others.join(', ')}`, table)
  })
}

/** Whether the residue query gives `RESIDUE_COLUMNS` in one row; asked for a replica on the stamp named. */
export async function checkResidueQuery(
  check: QueryCheck,
  residueQuery: string,
  { replica, stamp }: { readonly replica: ReplicaId; readonly stamp: string },
): Promise<QueryFound> {
  const span = { fromMs: check.nowMs - LOOK_BACK_MS, toMs: check.nowMs }
  const query = `${residueNames(replica, StampId.parse(stamp), span)}\n${residueQuery}`
  return found(check, query, (table) => {
    const given = table.columnDescriptors.map(({ name }) => name ?? '')
    const missing = RESIDUE_COLUMNS.filter((name) => !given.includes(name))
    if (missing.length > 0) return lacking(missing, given)
    const rows = table.rows.length
    if (rows !== 1)
      return {
        outcome: 'wrong',
        found: `gives ${rows} rows; expected one, with zeros where nothing is left`,
      }
    return fitting('gives all its columns', table)
  })
}

/** Epoch ms of the youngest row of each pool in the last hour. Throws what the client throws, as a fault of `asking`. */
export async function youngestLoad(
  check: QueryCheck,
  loadQuery: string,
): Promise<ReadonlyMap<string, number>> {
  const span = { fromMs: check.nowMs - LOOK_BACK_MS, toMs: check.nowMs }
  const query = `${bounds(span)}\n${loadQuery}\n| where isnotempty(registry)\n| summarize youngest = max(timestamp) by pool`
  const answer = await tableOf(check, query)
  if (typeof answer === 'string') throw new Error(`the load query: ${answer}`)
  const names = answer.columnDescriptors.map(({ name }) => name)
  const [pool, youngest] = [names.indexOf('pool'), names.indexOf('youngest')]
  return new Map(answer.rows.map((row) => [String(row[pool]), instantOf(row[youngest])]))
}

async function found(
  check: QueryCheck,
  query: string,
  judge: (table: LogsTable) => QueryFound,
): Promise<QueryFound> {
  try {
    const answer = await tableOf(check, query)
    return typeof answer === 'string' ? { outcome: 'unasked', found: answer } : judge(answer)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const outcome = error.name === 'AzureRefused' ? 'wrong' : 'unasked'
    return { outcome, found: error.message, ...(outcome === 'unasked' ? { fault: error } : {}) }
  }
}

async function tableOf(
  { client, workspaceId, nowMs }: QueryCheck,
  query: string,
): Promise<LogsTable | string> {
  const timespan = { startTime: new Date(nowMs - LOOK_BACK_MS), endTime: new Date(nowMs) }
  const answer = wholeTable(
    await asking({ of: `workspace ${workspaceId}`, role: LOG_READER }, () =>
      client.queryWorkspace(workspaceId, query, timespan, { serverTimeoutInSeconds: TIMEOUT_SECONDS }),
    ),
  )
  return answer.kind === 'whole' ? answer.table : answer.why
}

function lacking(missing: readonly string[], given: readonly string[]): QueryFound {
  return {
    outcome: 'wrong',
    found: `lacks ${missing.join(', ')}; it gives ${given.join(', ') || 'no columns'}`,
  }
}

function fitting(words: string, { rows }: LogsTable): QueryFound {
  return { outcome: 'fits', found: rows.length > 0 ? words : `${words}; no row in the last hour` }
}
