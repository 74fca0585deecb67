import { binMsOfSparse } from './bin-interval.ts'
import type { LoadColumn, LoadRows } from './load-rows.ts'
import type { RegionLoad, ReplicaLoad } from './series.ts'
import { SPARSE_PART, whole } from './sparse-loads.ts'
import { type Stays, stampAt } from './stays.ts'

/** A grid with more cells of loaded replicas than this comes of a wrong time, or asks for more memory than a process has. */
const CELLS_MAX = 2 ** 28

export interface GridCounts {
  duplicates: number
  conflicts: number
}

/** Too many bins for the series of a region: says from when to when the rows are. */
export interface GridTooLarge {
  readonly kind: 'tooLarge'
  readonly firstMs: number
  readonly lastMs: number
  readonly bins: number
}

/**
 * Puts a region's rows on one grid of bins from the first to the last of them; without `binMs` the bin is the interval of
 * the data.
 */
export function gridOf(
  rows: LoadRows,
  binMs: number | undefined,
  counts: GridCounts,
): { readonly kind: 'load'; readonly load: RegionLoad } | GridTooLarge {
  const { timesMs, seriesAt } = rows
  const bin = binMs ?? binMsOfSparse(timesMs, seriesAt, rows.series.length)
  const firstMs = timesMs.reduce((least, atMs) => Math.min(least, atMs), Number.POSITIVE_INFINITY)
  const lastMs = timesMs.reduce((most, atMs) => Math.max(most, atMs), Number.NEGATIVE_INFINITY)
  const startMs = Math.floor(firstMs / bin) * bin
  const bins = Math.floor((lastMs - startMs) / bin) + 1
  const { offsets } = bySeriesAndTime(rows)
  const full = rows.series.filter((_, at) => isFull(offsets, at, bins)).length
  if (bins * (full + 1) * rows.columns.length > CELLS_MAX) return { kind: 'tooLarge', firstMs, lastMs, bins }
  return { kind: 'load', load: onGrid(rows, { startMs, binMs: bin, bins }, counts) }
}

/**
 * Puts a region's rows on a grid that holds them all. A bin without a row of a replica is zero where the stamp that served it
 * then has other rows in that bin, else missing; `seen` adds bins in which a stamp has rows that are not among these. Rows of one instant
 * count once, the last wins (R6); instants of one bin add up, but for `in_flight`, which is as at the end; a bin with a
 * value missing among its instants is missing.
 */
export function onGrid(
  rows: LoadRows,
  grid: Grid,
  counts: GridCounts,
  seen: readonly SeenStamp[] = [],
): RegionLoad {
  const { order, offsets } = bySeriesAndTime(rows)
  const quiet = quietBins(rows, grid, seen)
  const series = rows.series.map(({ registry, role, stays }, at): ReplicaLoad => {
    const own = order.subarray(offsets[at] ?? 0, offsets[at + 1] ?? 0)
    countRepeats(rows, own, counts)
    const blank = blankOf(stays, grid, quiet)
    const kept = isFull(offsets, at, grid.bins) ? keptWhole : keptAsFew
    return kept(rows, own, { registry, role, grid, blank })
  })
  return { ...grid, series }
}

/** A stamp had rows of some replica at this instant. */
export interface SeenStamp {
  readonly stamp: string
  readonly atMs: number
}

function isFull(offsets: Uint32Array, series: number, bins: number): boolean {
  return ((offsets[series + 1] ?? 0) - (offsets[series] ?? 0)) * SPARSE_PART >= bins
}

export type Grid = Omit<RegionLoad, 'series'>

/** For each stamp what its replicas have in a bin without a row of theirs: 0 where the stamp has rows, else NaN. */
function quietBins(
  rows: LoadRows,
  { startMs, binMs, bins }: Grid,
  seen: readonly SeenStamp[],
): Map<string, Float64Array> {
  const quiet = new Map<string, Float64Array>()
  const cellsOf = (stamp: string) => {
    const cells = quiet.get(stamp) ?? new Float64Array(bins).fill(Number.NaN)
    quiet.set(stamp, cells)
    return cells
  }
  const mark = (cells: Float64Array, atMs: number) => {
    cells[Math.floor((atMs - startMs) / binMs)] = 0
  }
  const ofSeries = rows.series.map(({ stays }) =>
    stays.map(({ stamp, fromMs }) => ({ cells: cellsOf(stamp), fromMs })),
  )
  const { timesMs, seriesAt } = rows
  for (let i = 0; i < timesMs.length; i += 1) {
    const stays = ofSeries[seriesAt[i] ?? 0] ?? []
    const atMs = timesMs[i] ?? 0
    const stay = stays.length === 1 ? stays[0] : (stays.findLast(({ fromMs }) => fromMs <= atMs) ?? stays[0])
    if (stay) mark(stay.cells, atMs)
  }
  for (const { stamp, atMs } of seen) mark(cellsOf(stamp), atMs)
  return quiet
}

/** What a replica has in bins without a row of it: of each bin, by the stamp that served it when the bin began. */
function blankOf(
  stays: Stays,
  { startMs, binMs, bins }: Grid,
  quiet: ReadonlyMap<string, Float64Array>,
): Float64Array {
  const only = stays.length === 1 && quiet.get(stays[0]?.stamp ?? '')
  if (only) return only
  return Float64Array.from({ length: bins }, (_, bin) => {
    const stamp = stampAt(stays, startMs + bin * binMs)
    return quiet.get(stamp ?? '')?.[bin] ?? Number.NaN
  })
}

interface Place {
  readonly registry: string
  readonly role: string
  readonly grid: Grid
  /** What bins without a row of the replica have. */
  readonly blank: Float64Array
}

/** A replica's load, each column with all its bins. */
function keptWhole(rows: LoadRows, own: Uint32Array, { registry, role, grid, blank }: Place): ReplicaLoad {
  const column = (name: LoadColumn) => {
    const few = valuesOf(rows, own, grid, name)
    return few && laidOut(few, blank)
  }
  return { registry, role, ...columnsOf(column) }
}

/**
 * A replica's load of which only the values that rows have are kept, and laid out each time somebody asks: a region has tens
 * of thousands of replicas that are nearly idle.
 */
function keptAsFew(rows: LoadRows, own: Uint32Array, { registry, role, grid, blank }: Place): ReplicaLoad {
  const kept = columnsOf((name) => valuesOf(rows, own, grid, name))
  const column = (few: Few | null) => few && laidOut(few, blank)
  return {
    registry,
    role,
    get requests() {
      return column(kept.requests)
    },
    get bytes() {
      return column(kept.bytes)
    },
    get throttled() {
      return column(kept.throttled)
    },
    get errors() {
      return column(kept.errors)
    },
    get inFlight() {
      return column(kept.inFlight)
    },
    get cpuSeconds() {
      return column(kept.cpuSeconds)
    },
  }
}

function columnsOf<T>(column: (name: LoadColumn) => T) {
  return {
    requests: column('requests'),
    bytes: column('bytes'),
    throttled: column('throttled'),
    errors: column('errors'),
    inFlight: column('in_flight'),
    cpuSeconds: column('cpu_seconds'),
  }
}

interface Few {
  readonly bins: Uint32Array
  readonly values: Float64Array
}

/** All bins of a column. Where none of a replica's rows has a value of it, bins without a row have none, either. */
function laidOut({ bins, values }: Few, blank: Float64Array): Float64Array {
  const isKnown = values.length === 0 || values.some((value) => !Number.isNaN(value))
  return whole(isKnown ? blank : new Float64Array(blank.length).fill(Number.NaN), bins, values)
}

/** The bins that a replica's own rows, which are in order of time, fall in, and their values; null without the column. */
function valuesOf(rows: LoadRows, own: Uint32Array, grid: Grid, name: LoadColumn): Few | null {
  const place = rows.columns.indexOf(name)
  if (place < 0) return null
  const { timesMs } = rows
  const column = rows.values(place)
  const bins = new Uint32Array(own.length)
  const values = new Float64Array(own.length)
  let count = 0
  for (let k = 0; k < own.length; ) {
    const atMs = timesMs[own[k] ?? 0] ?? 0
    let value = Number.NaN
    for (; k < own.length && timesMs[own[k] ?? 0] === atMs; k += 1) {
      const next = column[own[k] ?? 0] ?? Number.NaN
      if (!Number.isNaN(next)) value = next
    }
    const bin = Math.floor((atMs - grid.startMs) / grid.binMs)
    const isSame = count > 0 && bins[count - 1] === bin
    if (!isSame) count += 1
    bins[count - 1] = bin
    values[count - 1] = isSame && name !== 'in_flight' ? (values[count - 1] ?? 0) + value : value
  }
  return { bins: bins.slice(0, count), values: values.slice(0, count) }
}

function countRepeats(rows: LoadRows, own: Uint32Array, counts: GridCounts): void {
  const { timesMs } = rows
  for (let k = 1; k < own.length; k += 1) {
    const [before, now] = [own[k - 1] ?? 0, own[k] ?? 0]
    if (timesMs[before] !== timesMs[now]) continue
    counts.duplicates += 1
    const differs = rows.columns.some((_, column) => {
      const values = rows.values(column)
      return Math.abs((values[before] ?? 0) - (values[now] ?? 0)) > 0
    })
    if (differs) counts.conflicts += 1
  }
}

/** The rows of series s are `order[offsets[s]..offsets[s + 1])`, by time and, among equal times, as they came. */
function bySeriesAndTime({ timesMs, seriesAt, series }: LoadRows): {
  order: Uint32Array
  offsets: Uint32Array
} {
  const offsets = new Uint32Array(series.length + 1)
  for (const at of seriesAt) offsets[at + 1] = (offsets[at + 1] ?? 0) + 1
  for (let s = 0; s < series.length; s += 1) offsets[s + 1] = (offsets[s + 1] ?? 0) + (offsets[s] ?? 0)
  const order = new Uint32Array(seriesAt.length)
  const next = offsets.slice()
  for (let i = 0; i < seriesAt.length; i += 1) {
    const s = seriesAt[i] ?? 0
    order[next[s] ?? 0] = i
    next[s] = (next[s] ?? 0) + 1
  }
  for (let s = 0; s < series.length; s += 1) {
    const own = order.subarray(offsets[s] ?? 0, offsets[s + 1] ?? 0)
    if (own.some((row, k) => (timesMs[row] ?? 0) < (timesMs[own[k - 1] ?? row] ?? 0))) {
      own.sort((a, b) => (timesMs[a] ?? 0) - (timesMs[b] ?? 0) || a - b)
    }
  }
  return { order, offsets }
}
