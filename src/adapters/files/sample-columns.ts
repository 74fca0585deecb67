import type { CpuSamples } from '../../domain/series.ts'

const ROWS_AT_FIRST = 1024
const GROWTH = 1.5
/** Old rows are dropped instead of growing where that frees at least this share. */
const WORTH_DROPPING = 0.25

/** One pool's samples as columns that grow; old rows may be dropped on the way. */
export class SampleColumns {
  readonly nodes: string[] = []
  readonly #hasMax: boolean
  #rows = 0
  #timesMs = new Float64Array(ROWS_AT_FIRST)
  #nodeAt = new Uint32Array(ROWS_AT_FIRST)
  #cpu = new Float64Array(ROWS_AT_FIRST)
  #cpuMax: Float64Array
  /** For each number in the file's table of nodes its index here and 1; 0 is none yet. */
  #known = new Uint32Array(ROWS_AT_FIRST)

  constructor(hasMax: boolean) {
    this.#hasMax = hasMax
    this.#cpuMax = new Float64Array(hasMax ? ROWS_AT_FIRST : 0)
  }

  /** The index here of a node that the file's table numbers `inFile`. */
  nodeIndex(inFile: number, name: string): number {
    if (inFile >= this.#known.length) this.#known = larger(this.#known, new Uint32Array(inFile * 2))
    const known = this.#known[inFile] ?? 0
    if (known > 0) return known - 1
    this.nodes.push(name)
    this.#known[inFile] = this.nodes.length
    return this.nodes.length - 1
  }

  /** Adds a row; rows from before `keepFromMs` may be dropped. */
  add(atMs: number, node: number, cpu: number, cpuMax: number, keepFromMs: number): void {
    if (this.#rows === this.#timesMs.length) this.#makeRoom(keepFromMs)
    const row = this.#rows
    this.#timesMs[row] = atMs
    this.#nodeAt[row] = node
    this.#cpu[row] = cpu
    if (this.#hasMax) this.#cpuMax[row] = cpuMax
    this.#rows = row + 1
  }

  /** The rows from `keepFromMs` on, in input order. */
  samples(keepFromMs: number): CpuSamples {
    this.#drop(keepFromMs)
    return {
      nodes: this.nodes,
      timesMs: this.#timesMs.subarray(0, this.#rows),
      nodeAt: this.#nodeAt.subarray(0, this.#rows),
      cpuPercent: this.#cpu.subarray(0, this.#rows),
      cpuPercentMax: this.#hasMax ? this.#cpuMax.subarray(0, this.#rows) : null,
    }
  }

  #makeRoom(keepFromMs: number): void {
    const before = this.#rows
    this.#drop(keepFromMs)
    if (this.#rows <= before * (1 - WORTH_DROPPING)) return
    const size = Math.ceil(before * GROWTH)
    this.#timesMs = larger(this.#timesMs, new Float64Array(size))
    this.#nodeAt = larger(this.#nodeAt, new Uint32Array(size))
    this.#cpu = larger(this.#cpu, new Float64Array(size))
    if (this.#hasMax) this.#cpuMax = larger(this.#cpuMax, new Float64Array(size))
  }

  #drop(keepFromMs: number): void {
    let to = 0
    for (let from = 0; from < this.#rows; from += 1) {
      if ((this.#timesMs[from] ?? 0) < keepFromMs) continue
      if (to < from) {
        this.#timesMs[to] = this.#timesMs[from] ?? 0
        this.#nodeAt[to] = this.#nodeAt[from] ?? 0
        this.#cpu[to] = this.#cpu[from] ?? 0
        if (this.#hasMax) this.#cpuMax[to] = this.#cpuMax[from] ?? 0
      }
      to += 1
    }
    this.#rows = to
  }
}

function larger<Column extends Float64Array | Uint32Array>(old: Column, empty: Column): Column {
  empty.set(old)
  return empty
}
