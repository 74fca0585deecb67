import type { LogsQueryClient, LogsTable } from '@azure/monitor-query-logs'
import { type Fleet, homesIn } from '../../domain/fleet.ts'
import type { RegionName, RegistryName } from '../../domain/ids.ts'
import { type Grid, onGrid, type SeenStamp } from '../../domain/load-grid.ts'
import { LOAD_COLUMNS, type LoadColumn, LoadRows } from '../../domain/load-rows.ts'
import type { RegionLoad } from '../../domain/series.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Metrics } from '../../ports/metrics.ts'
import { amountOf, datetime, instantOf, literal, placesIn, wholeTable } from './logs-table.ts'
import { LATE_MS } from './telemetry-lateness.ts'

const MINUTE_MS = 60_000
const CHUNK_MS = 24 * 60 * MINUTE_MS
/** A chunk whose answer is too large is asked for in halves, so often at most: down to about 20 minutes. */
const HALVINGS_MAX = 6
/** The service gives a query at most so long. */
const TIMEOUT_SECONDS = 180

/** A region's workspace and the operator's query over it. */
export interface RegionLogs {
  readonly region: RegionName
  readonly workspaceId: string
  /** Answers for [fromTime, toTime) with `timestamp, registry, pool` and one or more of `LOAD_COLUMNS`. */
  readonly loadQuery: string
  /** The interval that the query sums over. */
  readonly binMs: number
}

/** A stretch of time that is left out as a whole, since what came of it is not all that there was. */
export interface LoadLeftOut {
  readonly region: RegionName
  readonly fromMs: number
  readonly toMs: number
  readonly why: string
}

interface Parts {
  readonly regions: readonly RegionLogs[]
  readonly client: Pick<LogsQueryClient, 'queryWorkspace'>
  readonly fleet: () => Promise<Fleet>
  readonly clock: Clock
  readonly leftOut: (span: LoadLeftOut) => void
}

/**
 * Load per replica from Log Analytics by the operator's own query. A stretch whose answer is partial or cut off is asked for in
 * halves, and left out at last: its bins are missing, never zero. Throws `ColumnMissing`, and what the client throws.
 */
export function createLogsLoad(parts: Parts): Metrics['load'] {
  return async ({ region: name, registries, fromMs, toMs }) => {
    const logs = parts.regions.find(({ region }) => region === name)
    const grid = gridIn(fromMs, Math.min(toMs, parts.clock.nowMs() - LATE_MS), logs?.binMs ?? MINUTE_MS)
    if (!logs || grid.bins === 0 || registries?.length === 0) return { ...grid, series: [] }
    const homes = homesIn(await parts.fleet(), name)
    const gathered = new Gathered(homes)
    const asked = registries ? loadOfSome(logs, registries) : loadOfAll(logs)
    const others = registries && stampsSeen(logs, homesOnSameStamps(homes, registries))
    await eachChunk(grid, async (span) => {
      await take(parts, logs, { span, query: asked, into: (table) => gathered.rows(table, logs) })
      if (others)
        await take(parts, logs, { span, query: others, into: (table) => gathered.stamps(table, logs) })
    })
    return gathered.load(grid)
  }
}

export interface Span {
  readonly fromMs: number
  readonly toMs: number
}

function gridIn(fromMs: number, toMs: number, binMs: number): Grid {
  const startMs = Math.ceil(fromMs / binMs) * binMs
  return { startMs, binMs, bins: Math.max(0, Math.floor((toMs - startMs) / binMs)) }
}

async function eachChunk({ startMs, binMs, bins }: Grid, visit: (span: Span) => Promise<void>) {
  const endMs = startMs + bins * binMs
  for (let fromMs = startMs; fromMs < endMs; fromMs += CHUNK_MS)
    await visit({ fromMs, toMs: Math.min(fromMs + CHUNK_MS, endMs) })
}

interface Ask {
  readonly span: Span
  readonly query: (span: Span) => string
  readonly into: (table: LogsTable) => void
}

/** Asks for a span; where the answer isn't whole, for its halves, and at last leaves it out and tells. */
async function take(parts: Parts, logs: RegionLogs, { span, query, into }: Ask, halvings = 0): Promise<void> {
  const { fromMs, toMs } = span
  const timespan = { startTime: new Date(fromMs), endTime: new Date(toMs) }
  const options = { serverTimeoutInSeconds: TIMEOUT_SECONDS }
  const answer = wholeTable(
    await parts.client.queryWorkspace(logs.workspaceId, query(span), timespan, options),
  )
  if (answer.kind === 'whole') return into(answer.table)
  const middleMs = fromMs + Math.floor((toMs - fromMs) / 2 / logs.binMs) * logs.binMs
  if (halvings === HALVINGS_MAX || middleMs === fromMs)
    return parts.leftOut({ region: logs.region, fromMs, toMs, why: answer.why })
  await take(parts, logs, { span: { fromMs, toMs: middleMs }, query, into }, halvings + 1)
  await take(parts, logs, { span: { fromMs: middleMs, toMs }, query, into }, halvings + 1)
}

/** The operator's query reads these two names. */
export function bounds({ fromMs, toMs }: Span): string {
  return `let fromTime = ${datetime(fromMs)};\nlet toTime = ${datetime(toMs)};`
}

function loadOfAll({ loadQuery }: RegionLogs) {
  return (span: Span) => `${bounds(span)}\n${loadQuery}`
}

function loadOfSome({ loadQuery }: RegionLogs, registries: readonly RegistryName[]) {
  const names = registries.map(literal).join(', ')
  return (span: Span) => `${bounds(span)}\n${loadQuery}\n| where registry in (${names})`
}

/** Whether a bin without a row is zero or missing needs the other replicas of the stamp: of these only when there were any. */
function stampsSeen({ loadQuery }: RegionLogs, homes: ReadonlyMap<string, string>) {
  const pairs = [...homes].map(([registry, stamp]) => `${literal(registry)}: ${literal(stamp)}`)
  const map = `let homes = dynamic({${pairs.join(', ')}});`
  return (span: Span) =>
    `${bounds(span)}\n${map}\n${loadQuery}\n| extend stamp = tostring(homes[registry])\n| where isnotempty(stamp)\n| distinct timestamp, stamp`
}

function homesOnSameStamps(
  homes: ReadonlyMap<string, string>,
  registries: readonly RegistryName[],
): ReadonlyMap<string, string> {
  const stamps = new Set(registries.map((registry) => homes.get(registry)))
  return new Map([...homes].filter(([, stamp]) => stamps.has(stamp)))
}

/** Rows of all answers, placed by name. */
class Gathered {
  readonly #homes: ReadonlyMap<string, string>
  readonly #seen: SeenStamp[] = []
  readonly #series = new Map<string, number>()
  #rows: LoadRows | undefined

  constructor(homes: ReadonlyMap<string, string>) {
    this.#homes = homes
  }

  /** Rows of registries that the fleet doesn't have here are left aside. */
  rows(table: LogsTable, { region }: RegionLogs): void {
    const query = `the load query of ${region}`
    const place = placesIn(table, query)
    const [time, registry, pool] = [place('timestamp'), place('registry'), place('pool')]
    const given = LOAD_COLUMNS.filter((column) => table.columnDescriptors.some(({ name }) => name === column))
    if (!given.includes('bytes')) place('requests')
    const rows = this.#rowsWith(given, query)
    const places = given.map(place)
    const values = new Float64Array(given.length)
    for (const row of table.rows) {
      const atMs = instantOf(row[time])
      const series = this.#seriesOf(rows, String(row[registry]), String(row[pool]))
      if (series === undefined || Number.isNaN(atMs)) continue
      for (const [at, place] of places.entries()) values[at] = amountOf(row[place])
      rows.add(atMs, series, values)
    }
  }

  stamps(table: LogsTable, { region }: RegionLogs): void {
    const place = placesIn(table, `the load query of ${region}`)
    const [time, stamp] = [place('timestamp'), place('stamp')]
    for (const row of table.rows) {
      const atMs = instantOf(row[time])
      if (!Number.isNaN(atMs)) this.#seen.push({ stamp: String(row[stamp]), atMs })
    }
  }

  load(grid: Grid): RegionLoad {
    if (!this.#rows) return { ...grid, series: [] }
    return onGrid(this.#rows, grid, { duplicates: 0, conflicts: 0 }, this.#seen)
  }

  #rowsWith(columns: readonly LoadColumn[], query: string): LoadRows {
    this.#rows ??= new LoadRows(columns)
    if (this.#rows.columns.join() !== columns.join())
      throw new Error(
        `${query} gave other columns for one stretch than for another; make it give always the same`,
      )
    return this.#rows
  }

  #seriesOf(rows: LoadRows, registry: string, role: string): number | undefined {
    const homeStamp = this.#homes.get(registry)
    if (homeStamp === undefined) return undefined
    const key = `${registry}/${role}`
    const known = this.#series.get(key)
    if (known !== undefined) return known
    rows.series.push({ registry, role, homeStamp })
    this.#series.set(key, rows.series.length - 1)
    return rows.series.length - 1
  }
}
