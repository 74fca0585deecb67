/** A load with values in fewer than one bin of so many is kept as these alone: most replicas are idle nearly always. */
export const SPARSE_PART = 8

interface Few {
  readonly bins: Uint32Array
  readonly values: Float64Array
}

/** Loads by registry, each as if it were kept whole: those that are zero in nearly all bins take the room of the others. */
export class SparseLoads implements ReadonlyMap<string, Float64Array> {
  readonly #kept: ReadonlyMap<string, Float64Array | Few>
  /** Zero in known bins, NaN in others. */
  readonly #blank: Float64Array

  /** Every load has values in the known bins alone, and NaN in all others. */
  constructor(loads: ReadonlyMap<string, Float64Array>, known: Uint32Array, bins: number) {
    this.#blank = new Float64Array(bins)
    if (known.length < bins) {
      this.#blank.fill(Number.NaN)
      for (const bin of known) this.#blank[bin] = 0
    }
    this.#kept = new Map([...loads].map(([registry, load]) => [registry, fewOf(load) ?? load]))
  }

  get size(): number {
    return this.#kept.size
  }

  has(registry: string): boolean {
    return this.#kept.has(registry)
  }

  get(registry: string): Float64Array | undefined {
    const kept = this.#kept.get(registry)
    return kept === undefined ? undefined : this.#whole(kept)
  }

  keys(): MapIterator<string> {
    return this.#kept.keys()
  }

  *entries(): MapIterator<[string, Float64Array]> {
    for (const [registry, kept] of this.#kept) yield [registry, this.#whole(kept)]
  }

  *values(): MapIterator<Float64Array> {
    for (const kept of this.#kept.values()) yield this.#whole(kept)
  }

  forEach(
    visit: (load: Float64Array, registry: string, loads: ReadonlyMap<string, Float64Array>) => void,
  ): void {
    for (const [registry, load] of this.entries()) visit(load, registry, this)
  }

  [Symbol.iterator](): MapIterator<[string, Float64Array]> {
    return this.entries()
  }

  #whole(kept: Float64Array | Few): Float64Array {
    return kept instanceof Float64Array ? kept : whole(this.#blank, kept.bins, kept.values)
  }
}

/** What is there where nothing else is said, with a few values written over it. */
export function whole(blank: Float64Array, bins: Uint32Array, values: Float64Array): Float64Array {
  const load = blank.slice()
  for (let at = 0; at < bins.length; at += 1) load[bins[at] ?? 0] = values[at] ?? Number.NaN
  return load
}

/** A load's values but zero and missing ones; undefined where these are not few. */
function fewOf(load: Float64Array): Few | undefined {
  const most = Math.floor(load.length / SPARSE_PART)
  const bins = new Uint32Array(most)
  let count = 0
  for (let bin = 0; bin < load.length; bin += 1) {
    if (!((load[bin] ?? 0) > 0)) continue
    if (count === most) return undefined
    bins[count] = bin
    count += 1
  }
  const own = bins.slice(0, count)
  return { bins: own, values: Float64Array.from(own, (bin) => load[bin] ?? 0) }
}
