import type { PoolCpu } from '../../domain/series.ts'
import { type CsvHeader, type CsvRow, readCsv } from './csv-reader.ts'
import { instantIn, sampleIn } from './field-values.ts'
import { FileRefused } from './file-refused.ts'
import { NameTable } from './name-table.ts'
import { SampleColumns } from './sample-columns.ts'

export interface CpuOptions {
  readonly nodeColumn?: string
  readonly valueColumn?: string
  /** Only nodes whose name begins so. */
  readonly nodePrefix?: string
  /** Only these nodes. */
  readonly nodes?: readonly string[]
  /** Only rows of [fromMs, toMs), or of the last `lastMs` before the end of the data; without it all. */
  readonly keep?: { readonly fromMs: number; readonly toMs: number } | { readonly lastMs: number }
}

export interface CpuFile {
  readonly pools: readonly PoolCpu[]
  /** Rows whose time can't be read, over the whole file (R3). */
  readonly badTimestamps: number
  /** Rows without a node, or with wrong quotes or too many fields: left out, over the whole file. */
  readonly brokenRows: number
  /** Rows with a time, of any node. */
  readonly rows: number
  /** The latest instant that has a sample, or a row where none has; null where no row was chosen. */
  readonly lastMs: number | null
  /** All nodes that the file names, chosen or not. */
  readonly nodesInFile: readonly string[]
}

/**
 * Streams `node-cpu.csv`, plain or gzip, into columns of about 20 bytes a row; pools in order of appearance.
 * Throws `FileRefused` where the file as a whole can't be used.
 */
export async function readCpu(path: string, options: CpuOptions = {}): Promise<CpuFile> {
  const gathered: { cpu: CpuRows | undefined } = { cpu: undefined }
  const { rows, brokenRows } = await readCsv(path, (header) => {
    const cpu = new CpuRows(header, options)
    gathered.cpu = cpu
    return (row) => cpu.take(row)
  })
  const { cpu } = gathered
  if (cpu === undefined || rows === 0)
    throw new FileRefused(`${path} has a header line and no row; expected samples`)
  if (cpu.rows === 0) {
    throw new FileRefused(
      `${path} line ${cpu.firstBadLine || 2}: none of its ${rows} rows can be used; expected times such as 2019-01-15T08:00:00Z and the name of a node in each`,
    )
  }
  return { ...cpu.file(), brokenRows: brokenRows + cpu.nameless }
}

interface Place {
  readonly region: string
  readonly stamp: string
  readonly role: string
  readonly columns: SampleColumns
}

class CpuRows {
  readonly #options: CpuOptions
  readonly #at: Record<'time' | 'node' | 'value' | 'max' | 'region' | 'stamp' | 'pool', number>
  readonly #nodes = new NameTable()
  readonly #regions = new NameTable()
  readonly #stamps = new NameTable()
  readonly #roles = new NameTable()
  /** By the number of a node in the file. */
  readonly #chosen: boolean[] = []
  readonly #places: Place[] = []
  readonly #placeAt = new Map<string, Place>()
  #lastSampleMs = Number.NEGATIVE_INFINITY
  #lastRowMs = Number.NEGATIVE_INFINITY
  readonly #lastKey = new Int32Array(3).fill(-1)
  #lastPlace: Place | undefined
  rows = 0
  nameless = 0
  badTimestamps = 0
  firstBadLine = 0

  constructor(header: CsvHeader, options: CpuOptions) {
    this.#options = options
    const { nodeColumn = 'node', valueColumn = 'cpu_percent' } = options
    this.#at = {
      time: header.needed('timestamp', 'it must hold the time of each sample'),
      node: header.needed(nodeColumn, 'name the column that has the nodes with --node-column'),
      value: header.needed(valueColumn, 'name the column that has CPU percent with --value-column'),
      max: header.optional('cpu_percent_max'),
      region: header.optional('region'),
      stamp: header.optional('stamp'),
      pool: header.optional('pool'),
    }
  }

  take(row: CsvRow): void {
    const { bytes, starts, ends } = row
    const at = this.#at
    const atMs = instantIn(bytes, starts[at.time] ?? 0, ends[at.time] ?? 0)
    const from = starts[at.node] ?? 0
    const to = ends[at.node] ?? 0
    if (Number.isNaN(atMs) || from === to) {
      if (Number.isNaN(atMs)) this.badTimestamps += 1
      else this.nameless += 1
      if (this.firstBadLine === 0) this.firstBadLine = row.line
      return
    }
    this.rows += 1
    const node = this.#nodes.at(bytes, from, to)
    if (!this.#isChosen(node)) return

    const place = this.#placeOf(row)
    const value = sampleIn(bytes, starts[at.value] ?? 0, ends[at.value] ?? 0)
    const max = at.max < 0 ? Number.NaN : sampleIn(bytes, starts[at.max] ?? 0, ends[at.max] ?? 0)
    if (atMs > this.#lastRowMs) this.#lastRowMs = atMs
    if (value >= 0 && atMs > this.#lastSampleMs) this.#lastSampleMs = atMs
    const { keep } = this.#options
    if (keep !== undefined && 'fromMs' in keep && !(atMs >= keep.fromMs && atMs < keep.toMs)) return
    const index = place.columns.nodeIndex(node, this.#nodes.names[node] ?? '')
    place.columns.add(atMs, index, value, max, this.#keepFromMs())
  }

  file(): Omit<CpuFile, 'brokenRows'> {
    const keepFromMs = this.#keepFromMs()
    const end = this.#lastSampleMs === Number.NEGATIVE_INFINITY ? this.#lastRowMs : this.#lastSampleMs
    return {
      pools: this.#places.map(({ region, stamp, role, columns }) => ({
        region: region === '' ? null : region,
        stamp: stamp === '' ? null : stamp,
        role: role === '' ? null : role,
        samples: columns.samples(keepFromMs),
      })),
      badTimestamps: this.badTimestamps,
      rows: this.rows,
      lastMs: end === Number.NEGATIVE_INFINITY ? null : end,
      nodesInFile: this.#nodes.names,
    }
  }

  // The end of the data only ever moves on, so what is too old now stays too old.
  #keepFromMs(): number {
    const { keep } = this.#options
    return keep !== undefined && 'lastMs' in keep
      ? this.#lastSampleMs - keep.lastMs
      : Number.NEGATIVE_INFINITY
  }

  #isChosen(node: number): boolean {
    const known = this.#chosen[node]
    if (known !== undefined) return known
    const name = this.#nodes.names[node] ?? ''
    const { nodePrefix = '', nodes } = this.#options
    const chosen = name.startsWith(nodePrefix) && (nodes === undefined || nodes.includes(name))
    this.#chosen[node] = chosen
    return chosen
  }

  #placeOf(row: CsvRow): Place {
    const region = numberIn(this.#regions, row, this.#at.region)
    const stamp = numberIn(this.#stamps, row, this.#at.stamp)
    const role = numberIn(this.#roles, row, this.#at.pool)
    const last = this.#lastKey
    if (this.#lastPlace && last[0] === region && last[1] === stamp && last[2] === role) return this.#lastPlace
    last.set([region, stamp, role])
    const key = `${region}/${stamp}/${role}`
    const place = this.#placeAt.get(key) ?? {
      region: this.#regions.names[region] ?? '',
      stamp: this.#stamps.names[stamp] ?? '',
      role: this.#roles.names[role] ?? '',
      columns: new SampleColumns(this.#at.max >= 0),
    }
    if (!this.#placeAt.has(key)) {
      this.#placeAt.set(key, place)
      this.#places.push(place)
    }
    this.#lastPlace = place
    return place
  }
}

/** The number of the name in a column; -1 where the file has no such column. */
function numberIn(table: NameTable, { bytes, starts, ends }: CsvRow, column: number): number {
  return column < 0 ? -1 : table.at(bytes, starts[column] ?? 0, ends[column] ?? 0)
}
