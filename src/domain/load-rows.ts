import type { Stays } from './stays.ts'

export const LOAD_COLUMNS = ['requests', 'bytes', 'throttled', 'errors', 'in_flight', 'cpu_seconds'] as const
export type LoadColumn = (typeof LOAD_COLUMNS)[number]

const ROWS_AT_FIRST = 1024
const GROWTH = 1.5

/** One registry's load on one pool role, with the stamps that serve it. */
export interface LoadSeries {
  readonly registry: string
  readonly role: string
  readonly stays: Stays
}

/** One region's rows as columns that grow, in input order; NaN is no sample. */
export class LoadRows {
  readonly series: LoadSeries[] = []
  readonly columns: readonly LoadColumn[]
  #rows = 0
  #timesMs = new Float64Array(ROWS_AT_FIRST)
  #seriesAt = new Uint32Array(ROWS_AT_FIRST)
  readonly #values: Float64Array[]

  constructor(columns: readonly LoadColumn[]) {
    this.columns = columns
    this.#values = columns.map(() => new Float64Array(ROWS_AT_FIRST))
  }

  get timesMs(): Float64Array {
    return this.#timesMs.subarray(0, this.#rows)
  }

  get seriesAt(): Uint32Array {
    return this.#seriesAt.subarray(0, this.#rows)
  }

  /** The values of the column at this place in `columns`. */
  values(column: number): Float64Array {
    return (this.#values[column] ?? new Float64Array(0)).subarray(0, this.#rows)
  }

  /** Adds a row; `values` stand in the order of `columns`. */
  add(atMs: number, series: number, values: Float64Array): void {
    const row = this.#rows
    if (row === this.#timesMs.length) this.#grow()
    this.#timesMs[row] = atMs
    this.#seriesAt[row] = series
    for (const [at, column] of this.#values.entries()) column[row] = values[at] ?? Number.NaN
    this.#rows = row + 1
  }

  #grow(): void {
    const size = Math.ceil(this.#rows * GROWTH)
    this.#timesMs = grown(this.#timesMs, size)
    const seriesAt = new Uint32Array(size)
    seriesAt.set(this.#seriesAt)
    this.#seriesAt = seriesAt
    for (const [at, column] of this.#values.entries()) this.#values[at] = grown(column, size)
  }
}

function grown(column: Float64Array, size: number) {
  const larger = new Float64Array(size)
  larger.set(column)
  return larger
}
