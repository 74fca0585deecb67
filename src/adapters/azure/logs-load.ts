import type { LogsQueryClient, LogsTable } from '@azure/monitor-query-logs'
import { type Fleet, homesIn } from '../../domain/fleet.ts'
import type { RegionName, RegistryName } from '../../domain/ids.ts'
import { type Grid, onGrid, type SeenStamp } from '../../domain/load-grid.ts'
import { LOAD_COLUMNS, type LoadColumn, LoadRows } from '../../domain/load-rows.ts'
import type { RegionLoad } from '../../domain/series.ts'
import { alwaysAt, type Rebound, type Stays, stampAt, staysOf } from '../../domain/stays.ts'
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
  /**
   * Answers for [fromTime, toTime) with `timestamp, registry, pool` and one or more of `LOAD_COLUMNS`. A row with an empty
   * registry and a `stamp` is a heartbeat: it says that this stamp's rows of that time are there, even if it served nobody.
   */
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
  /** What was re-bound in a region, as far as it is on record. */
  readonly rebounds: (region: RegionName) => Promise<readonly Rebound[]>
  readonly clock: Clock
  readonly leftOut: (span: LoadLeftOut) => void
}

/**
 * Load per replica from Log Analytics by the operator's own query. A stretch whose answer is partial or cut off is asked for in
 * halves, and left out at last: its bins are missing, never zero. A bin without a row of a replica is judged by the stamp that
 * served it then, so a stamp that was empty before a move makes nothing missing. Throws `ColumnMissing`, and what the client throws.
 */
export function createLogsLoad(parts: Parts): Metrics['load'] {
  return async ({ region: name, registries, fromMs, toMs }) => {
    const logs = parts.regions.find(({ region }) => region === name)
    const grid = gridIn(fromMs, Math.min(toMs, parts.clock.nowMs() - LATE_MS), logs?.binMs ?? MINUTE_MS)
    if (!logs || grid.bins === 0 || registries?.length === 0) return { ...grid, series: [] }
    const homes = await staysIn(parts, name)
    const gathered = new Gathered(homes)
    const asked = registries ? loadOfSome(logs, registries) : loadOfAll(logs)
    const others = registries && homesSeen(logs, coursesBeside(homes, registries))
    await eachChunk(grid, async (span) => {
      await take(parts, logs, { span, query: asked, into: (table) => gathered.rows(table, logs) })
      if (others)
        await take(parts, logs, { span, query: others, into: (table) => gathered.homes(table, logs) })
    })
    return gathered.load(grid)
  }
}

async function staysIn({ fleet, rebounds }: Parts, region: RegionName): Promise<ReadonlyMap<string, Stays>> {
  const moved = Map.groupBy(await rebounds(region), ({ registry }) => registry)
  const homes = [...homesIn(await fleet(), region)]
  return new Map(homes.map(([registry, home]) => [registry, staysOf(home, moved.get(registry) ?? [])]))
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

/** Whether a bin without a row is zero or missing needs the other replicas of its stamps: of these only when there were any. */
function homesSeen({ loadQuery }: RegionLogs, courses: ReadonlyMap<string, string>) {
  const pairs = [...courses].map(([registry, course]) => `${literal(registry)}: ${literal(course)}`)
  const map = `let homes = dynamic({${pairs.join(', ')}});`
  return (span: Span) =>
    [
      ...[bounds(span), map, loadQuery],
      '| extend home = iff(isempty(registry), tostring(column_ifexists("stamp", "")), tostring(homes[registry]))',
      '| where isnotempty(home)',
      '| distinct timestamp, home',
    ].join('\n')
}

/** The course of each registry that was ever on a stamp with one of these. */
function coursesBeside(
  homes: ReadonlyMap<string, Stays>,
  registries: readonly RegistryName[],
): ReadonlyMap<string, string> {
  const stamps = new Set(
    registries.flatMap((registry) => homes.get(registry) ?? []).map(({ stamp }) => stamp),
  )
  const beside = [...homes].filter(([, stays]) => stays.some(({ stamp }) => stamps.has(stamp)))
  return new Map(beside.map(([registry, stays]) => [registry, courseOf(stays)]))
}

/** A name for stays, the same for all registries that moved alike. */
function courseOf(stays: Stays): string {
  return stays.map(({ stamp, fromMs }, at) => (at === 0 ? stamp : `${fromMs} ${stamp}`)).join(' ')
}

/** Rows of all answers, placed by name. */
class Gathered {
  readonly #homes: ReadonlyMap<string, Stays>
  readonly #courses: ReadonlyMap<string, Stays>
  readonly #seen: SeenStamp[] = []
  readonly #series = new Map<string, number>()
  #rows: LoadRows | undefined

  constructor(homes: ReadonlyMap<string, Stays>) {
    this.#homes = homes
    this.#courses = new Map([...homes.values()].map((stays) => [courseOf(stays), stays]))
  }

  /** Rows of registries that the fleet doesn't have here are left aside. */
  rows(table: LogsTable, { region }: RegionLogs): void {
    const query = `the load query of ${region}`
    const place = placesIn(table, query)
    const [time, registry, pool] = [place('timestamp'), place('registry'), place('pool')]
    const stamp = table.columnDescriptors.findIndex(({ name }) => name === 'stamp')
    const given = LOAD_COLUMNS.filter((column) => table.columnDescriptors.some(({ name }) => name === column))
    if (!given.includes('bytes')) place('requests')
    const rows = this.#rowsWith(given, query)
    const places = given.map(place)
    const values = new Float64Array(given.length)
    for (const row of table.rows) {
      const atMs = instantOf(row[time])
      if (stamp >= 0 && !row[registry]) this.#hear(String(row[stamp]), atMs)
      const series = this.#seriesOf(rows, String(row[registry]), String(row[pool]))
      if (series === undefined || Number.isNaN(atMs)) continue
      for (const [at, place] of places.entries()) values[at] = amountOf(row[place])
      rows.add(atMs, series, values)
    }
  }

  homes(table: LogsTable, { region }: RegionLogs): void {
    const place = placesIn(table, `the load query of ${region}`)
    const [time, home] = [place('timestamp'), place('home')]
    for (const row of table.rows) {
      const atMs = instantOf(row[time])
      const course = String(row[home])
      this.#hear(stampAt(this.#courses.get(course) ?? alwaysAt(course), atMs), atMs)
    }
  }

  #hear(stamp: string | undefined, atMs: number): void {
    if (stamp && !Number.isNaN(atMs)) this.#seen.push({ stamp, atMs })
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
    const stays = this.#homes.get(registry)
    if (stays === undefined) return undefined
    const key = `${registry}/${role}`
    const known = this.#series.get(key)
    if (known !== undefined) return known
    rows.series.push({ registry, role, stays })
    this.#series.set(key, rows.series.length - 1)
    return rows.series.length - 1
  }
}
