import type { PipelineRequest } from '@azure/core-rest-pipeline'
import type { RegionLoad, ReplicaLoad } from '../../../src/domain/series.ts'
import type { Metrics } from '../../../src/ports/metrics.ts'
import type { WireAnswer } from './azure-client.ts'

/** Stands in a mapping for the operator's own KQL. */
export const LOAD_QUERY = 'RestampLoad'

const COLUMNS = ['requests', 'bytes', 'throttled', 'errors', 'inFlight', 'cpuSeconds'] as const
const NAMES = { inFlight: 'in_flight', cpuSeconds: 'cpu_seconds' } as const

type Row = readonly (string | number | null)[]

/**
 * A workspace whose load query answers with a region's load, as the query service does: rows by position, datetimes as text,
 * counts as text where `counts` says so. It understands the few shapes of KQL that Restamp puts around the operator's query.
 * `idle: 'left out'` gives no row for an interval without traffic, as most workspaces do.
 */
export function logsServer(given: {
  readonly region: string
  readonly load: Metrics['load']
  readonly idle?: 'left out' | 'rows'
  readonly counts?: 'text' | 'number'
  /** These tell of themselves in each interval of which the region's load is known. */
  readonly heartbeats?: readonly string[]
  /** The workspace cuts off at so many rows, and then says so beside them. */
  readonly rowsMax?: number
}) {
  const queries: string[] = []
  return {
    queries,
    async answer(request: PipelineRequest): Promise<WireAnswer> {
      const { query } = JSON.parse(String(request.body))
      queries.push(query)
      if (!query.includes(LOAD_QUERY))
        return { status: 400, body: { error: { code: 'BadArgumentError', message: 'unknown table' } } }
      const rows = rowsOf(await given.load({ region: given.region, ...spanOf(query) }), query, given)
      const { rowsMax = Number.POSITIVE_INFINITY } = given
      if (query.endsWith(YOUNGEST)) return { status: 200, body: { tables: [youngest(rows)] } }
      const taken = query.endsWith('| take 1') ? rows.slice(0, 1) : rows
      const table = { ...shaped(query, given), rows: taken.slice(0, rowsMax) }
      const error = taken.length > rowsMax ? { error: TOO_LARGE } : {}
      return { status: 200, body: { tables: [table], ...error } }
    },
  }
}

const YOUNGEST = '| summarize youngest = max(timestamp) by pool'

/** The last two cells of a row are registry and time, the one before them is the pool. */
function youngest(rows: readonly Row[]) {
  const times = new Map<string, string>()
  for (const row of rows) {
    const [pool, , time] = row.slice(-3).map(String)
    if (pool && time && time > (times.get(pool) ?? '')) times.set(pool, time)
  }
  const columns = [
    { name: 'pool', type: 'string' },
    { name: 'youngest', type: 'datetime' },
  ]
  return { name: 'PrimaryResult', columns, rows: [...times] }
}

const TOO_LARGE = {
  code: 'PartialError',
  message: 'There were some errors when processing your query.',
  details: [{ code: 'EngineError', message: 'Something went wrong processing your query on the server.' }],
}

function spanOf(query: string): { fromMs: number; toMs: number } {
  const at = (name: string) => Date.parse(query.match(`let ${name} = datetime\\((.*?)\\);`)?.[1] ?? '')
  return { fromMs: at('fromTime'), toMs: at('toTime') }
}

const isOfHomes = (query: string) => query.includes('| distinct timestamp, home')

function shaped(
  query: string,
  { counts, heartbeats }: { readonly counts?: 'text' | 'number'; readonly heartbeats?: readonly string[] },
) {
  const named = (name: string, type: string) => ({ name, type })
  const columns = isOfHomes(query)
    ? [named('timestamp', 'datetime'), named('home', 'string')]
    : [
        ...(heartbeats ? [named('stamp', 'string')] : []),
        ...COLUMNS.map((column) => named(nameOf(column), counts === 'text' ? 'long' : 'real')),
        ...[named('pool', 'string'), named('registry', 'string'), named('timestamp', 'datetime')],
      ]
  return { name: 'PrimaryResult', columns }
}

function nameOf(column: (typeof COLUMNS)[number]): string {
  return column === 'inFlight' || column === 'cpuSeconds' ? NAMES[column] : column
}

type Given = Omit<Parameters<typeof logsServer>[0], 'load'>

function rowsOf(load: RegionLoad, query: string, given: Given): Row[] {
  const only = query.match(/\| where registry in \((.*)\)/)?.[1]
  const asked = only === undefined ? undefined : new Set<string>(JSON.parse(`[${only}]`))
  const loads = load.series.filter(({ registry }) => !asked || asked.has(registry))
  return isOfHomes(query) ? homesOf(load, loads, { ...given, query }) : loadsOf(load, loads, given)
}

function loadsOf(load: RegionLoad, loads: readonly ReplicaLoad[], given: Given): Row[] {
  const { heartbeats, counts } = given
  const rows: Row[] = []
  for (const series of loads)
    for (const [time, values] of valuesOf(load, series, given)) {
      const cells = counts === 'text' ? values.map((value) => value && String(value)) : values
      rows.push([...(heartbeats ? [''] : []), ...cells, series.role, series.registry, time])
    }
  const nothing = COLUMNS.map(() => null)
  for (const time of heartbeats ? timesOf(load) : [])
    for (const stamp of heartbeats ?? []) rows.push([stamp, ...nothing, '', '', time])
  return rows
}

function homesOf(
  load: RegionLoad,
  loads: readonly ReplicaLoad[],
  { query, ...given }: Given & { readonly query: string },
): Row[] {
  const homes = JSON.parse(query.match(/let homes = dynamic\((.*)\);/)?.[1] ?? '{}')
  const seen = new Map<string, Set<string>>()
  const hear = (home: string, time: string) => seen.set(home, (seen.get(home) ?? new Set()).add(time))
  for (const series of loads.filter(({ registry }) => homes[registry]))
    for (const [time] of valuesOf(load, series, given)) hear(homes[series.registry], time)
  for (const stamp of given.heartbeats ?? []) for (const time of timesOf(load)) hear(stamp, time)
  return [...seen].flatMap(([home, times]) => [...times].map((time) => [time, home]))
}

/** The rows of a replica's load: instant, and a value or null of each column. */
function* valuesOf(
  { startMs, binMs, bins }: RegionLoad,
  series: ReplicaLoad,
  { idle }: Given,
): Generator<[string, (number | null)[]]> {
  const columns = COLUMNS.map((column) => series[column])
  for (let bin = 0; bin < bins; bin += 1) {
    const values = columns.map((column) => valueAt(column, bin))
    if (values.every((value) => value === null || (value === 0 && idle === 'left out'))) continue
    yield [new Date(startMs + bin * binMs).toISOString(), values]
  }
}

/** The instants of which the region's load is known. */
function timesOf({ startMs, binMs, bins, series }: RegionLoad): string[] {
  const columns = series.map(({ requests }) => requests)
  const isKnown = (bin: number) => columns.some((column) => valueAt(column, bin) !== null)
  return Array.from({ length: bins }, (_, bin) => bin)
    .filter(isKnown)
    .map((bin) => new Date(startMs + bin * binMs).toISOString())
}

function valueAt(column: Float64Array | null, bin: number): number | null {
  const value = column?.[bin]
  return value === undefined || Number.isNaN(value) ? null : value
}
