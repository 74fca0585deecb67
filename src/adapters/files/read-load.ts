import type { Fleet } from '../../domain/fleet.ts'
import { gridOf } from '../../domain/load-grid.ts'
import { LOAD_COLUMNS, type LoadColumn, LoadRows } from '../../domain/load-rows.ts'
import type { RegionLoad } from '../../domain/series.ts'
import { alwaysAt } from '../../domain/stays.ts'
import { type CsvHeader, type CsvRow, readCsv } from './csv-reader.ts'
import { instantIn, sampleIn } from './field-values.ts'
import { FileRefused } from './file-refused.ts'
import { NameTable } from './name-table.ts'

/** Far more regions or pool roles than there can be. */
const NAMES_MAX = 65_536

/** What was left out of a load file, or found odd in it; rows. */
export interface LoadCounts {
  rows: number
  badTimestamps: number
  /** Wrong quotes, too many fields, or no name of a registry or pool. */
  brokenRows: number
  /** The fleet has no such registry in that region, or no such pool on its home stamp. */
  unknownRows: number
  /** Values that are no sample, by R4. */
  nulls: number
  duplicates: number
  conflicts: number
}

export interface LoadOptions {
  /** Tells each replica's home stamp, and so whether a minute without a row is zero or missing. */
  readonly fleet: Fleet
  /** Only this region. */
  readonly region?: string
  /** The grid's bin; without it the interval of the data. */
  readonly binMs?: number
  /** Only rows of [fromMs, toMs): then a file of years takes the memory of these; a region without any is left out. */
  readonly keep?: { readonly fromMs: number; readonly toMs: number }
  /** Is told what was left out. */
  readonly report?: (counts: Readonly<LoadCounts>) => void
}

/** Streams `replica-load.csv`, plain or gzip, onto a grid for each region that has rows. Throws `FileRefused`. */
export async function readLoad(path: string, options: LoadOptions): Promise<ReadonlyMap<string, RegionLoad>> {
  const gathered: { reader: LoadReader | undefined } = { reader: undefined }
  const { brokenRows } = await readCsv(path, (header) => {
    const reader = new LoadReader(path, header, options)
    gathered.reader = reader
    return (row) => reader.take(row)
  })
  const { reader } = gathered
  if (reader === undefined) throw new FileRefused(`${path} is empty; expected CSV with a header line`)
  reader.counts.brokenRows += brokenRows
  const loads = reader.loads()
  options.report?.(reader.counts)
  return loads
}

class LoadReader {
  readonly counts: LoadCounts = {
    rows: 0,
    badTimestamps: 0,
    brokenRows: 0,
    unknownRows: 0,
    nulls: 0,
    duplicates: 0,
    conflicts: 0,
  }
  readonly #path: string
  readonly #options: LoadOptions
  readonly #at: Record<'time' | 'region' | 'registry' | 'pool', number>
  readonly #columns: readonly LoadColumn[]
  readonly #places: readonly number[]
  readonly #values: Float64Array
  readonly #regions = new NameTable()
  readonly #registries = new NameTable()
  readonly #roles = new NameTable()
  readonly #homes: ReadonlyMap<string, string>
  readonly #roleOfStamp: ReadonlySet<string>
  readonly #rows = new Map<string, LoadRows>()
  /** Where the rows of a registry go, by its number; then by those of region and role. A row is looked up for each of millions. */
  readonly #targets: Target[][][] = []
  #firstUnusable = ''
  #outside = 0

  constructor(path: string, header: CsvHeader, options: LoadOptions) {
    const { fleet, region } = options
    this.#path = path
    this.#options = options
    this.#at = {
      time: header.needed('timestamp', 'it must hold the start of each interval'),
      region:
        fleet.regions.length > 1 && region === undefined
          ? header.needed(
              'region',
              `the fleet has ${fleet.regions.length} regions, so each row must name its own`,
            )
          : header.optional('region'),
      registry: header.needed('registry', 'it must hold the name of the registry'),
      pool: header.needed('pool', 'it must hold the role of the pool'),
    }
    this.#columns = LOAD_COLUMNS.filter((column) => header.optional(column) >= 0)
    if (!this.#columns.includes('requests')) header.needed('bytes', 'requests or bytes must be there')
    this.#places = this.#columns.map((column) => header.optional(column))
    this.#values = new Float64Array(this.#columns.length)
    this.#homes = new Map(
      fleet.registries.flatMap(({ name, replicas }) =>
        replicas.map((replica) => [`${replica.region}/${name}`, replica.homeStamp]),
      ),
    )
    this.#roleOfStamp = new Set(
      fleet.regions.flatMap(({ stamps }) =>
        stamps.flatMap(({ id, pools }) => pools.map(({ role }) => `${id}/${role}`)),
      ),
    )
  }

  take(row: CsvRow): void {
    const { bytes, starts, ends } = row
    this.counts.rows += 1
    const atMs = instantIn(bytes, starts[this.#at.time] ?? 0, ends[this.#at.time] ?? 0)
    if (Number.isNaN(atMs)) {
      this.counts.badTimestamps += 1
      this.#unusable(row, "its time can't be read; expected one such as 2019-01-15T08:00:00Z")
      return
    }
    const { keep } = this.#options
    if (keep !== undefined && !(atMs >= keep.fromMs && atMs < keep.toMs)) {
      this.#outside += 1
      return
    }
    const target = this.#targetOf(row)
    if (target === undefined) return
    for (const [at, place] of this.#places.entries()) {
      const value = sampleIn(bytes, starts[place] ?? 0, ends[place] ?? 0)
      if (Number.isNaN(value)) this.counts.nulls += 1
      this.#values[at] = value
    }
    target.rows.add(atMs, target.series, this.#values)
  }

  loads(): Map<string, RegionLoad> {
    if (this.#rows.size === 0 && this.#outside === 0) {
      const why = this.#firstUnusable || 'it has a header line and no row'
      throw new FileRefused(`${this.#path}: none of its rows can be used: ${why}`)
    }
    const loads = new Map<string, RegionLoad>()
    for (const [region, rows] of this.#rows) {
      const grid = gridOf(rows, this.#options.binMs, this.counts)
      if (grid.kind === 'tooLarge') {
        const [from, to] = [grid.firstMs, grid.lastMs].map((ms) => new Date(ms).toISOString())
        throw new FileRefused(
          `${this.#path}: ${rows.series.length} series from ${from} to ${to} make ${grid.bins} bins each, too many to hold; check the first and last times, or export fewer days`,
        )
      }
      loads.set(region, grid.load)
    }
    return loads
  }

  /** Where a row goes; undefined, and counted, where it can't be placed. */
  #targetOf(row: CsvRow): SeriesTarget | undefined {
    const at = this.#at
    const region = numberIn(this.#regions, row, at.region)
    const registry = numberIn(this.#registries, row, at.registry)
    const role = numberIn(this.#roles, row, at.pool)
    if (Math.max(region, role) >= NAMES_MAX) {
      throw new FileRefused(
        `${this.#path} line ${row.line}: more than ${NAMES_MAX} regions or pools; are columns mixed up?`,
      )
    }
    const target = this.#targets[registry]?.[region]?.[role] ?? this.#found({ region, registry, role })
    if (target.kind === 'series') return target
    if (target.kind === 'nameless') this.counts.brokenRows += 1
    if (target.kind === 'unknown') this.counts.unknownRows += 1
    if (target.kind !== 'otherRegion') this.#unusable(row, target.why)
    return undefined
  }

  #found(at: { region: number; registry: number; role: number }): Target {
    const target = this.#find(this.#namesOf(at))
    const regions = this.#targets[at.registry] ?? []
    const roles = regions[at.region] ?? []
    roles[at.role] = target
    regions[at.region] = roles
    this.#targets[at.registry] = regions
    return target
  }

  #namesOf(at: { region: number; registry: number; role: number }): Names {
    const { fleet, region } = this.#options
    const only = region ?? fleet.regions[0]?.name ?? ''
    return {
      region: this.#at.region < 0 ? only : (this.#regions.names[at.region] ?? ''),
      registry: this.#registries.names[at.registry] ?? '',
      role: this.#roles.names[at.role] ?? '',
    }
  }

  #find({ region, registry, role }: Names): Target {
    if (registry === '' || role === '') return { kind: 'nameless', why: 'it names no registry or no pool' }
    if (this.#options.region !== undefined && region !== this.#options.region) return { kind: 'otherRegion' }
    const homeStamp = this.#homes.get(`${region}/${registry}`)
    if (homeStamp === undefined) {
      return {
        kind: 'unknown',
        why: `the fleet has no replica of registry "${registry}" in region "${region}"`,
      }
    }
    if (!this.#roleOfStamp.has(`${homeStamp}/${role}`)) {
      return { kind: 'unknown', why: `${homeStamp}, where "${registry}" is at home, has no pool "${role}"` }
    }
    const rows = this.#rows.get(region) ?? new LoadRows(this.#columns)
    this.#rows.set(region, rows)
    rows.series.push({ registry, role, stays: alwaysAt(homeStamp) })
    return { kind: 'series', rows, series: rows.series.length - 1 }
  }

  #unusable(row: CsvRow, why: string): void {
    if (this.#firstUnusable === '') this.#firstUnusable = `line ${row.line}: ${why}`
  }
}

interface Names {
  readonly region: string
  readonly registry: string
  readonly role: string
}

interface SeriesTarget {
  readonly kind: 'series'
  readonly rows: LoadRows
  readonly series: number
}

type Target =
  | SeriesTarget
  | { readonly kind: 'otherRegion' }
  | { readonly kind: 'nameless' | 'unknown'; readonly why: string }

/** The number of the name in a column; 0 where the file has no such column. */
function numberIn(table: NameTable, { bytes, starts, ends }: CsvRow, column: number): number {
  return column < 0 ? 0 : table.at(bytes, starts[column] ?? 0, ends[column] ?? 0)
}
