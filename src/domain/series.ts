/** CPU samples of one pool's nodes: columns of equal length, in input order (the last of equal instants wins, R6). */
export interface CpuSamples {
  readonly nodes: readonly string[]
  /** Instants, epoch milliseconds. */
  readonly timesMs: Float64Array
  /** For each sample the index of its node in `nodes`. */
  readonly nodeAt: Uint32Array
  /** Average CPU percent over the sample's interval; NaN is *no sample*. */
  readonly cpuPercent: Float64Array
  /** Greatest CPU percent within the interval where the source has it (R12); NaN is none. */
  readonly cpuPercentMax: Float64Array | null
}

/**
 * Load of one replica on one pool role, on the grid of its `RegionLoad`; NaN is missing, never zero. Of a replica that is nearly
 * idle a column may be laid out anew each time it is asked for: take it once, not bin by bin.
 */
export interface ReplicaLoad {
  readonly registry: string
  readonly role: string
  readonly requests: Float64Array | null
  readonly bytes: Float64Array | null
  readonly throttled: Float64Array | null
  readonly errors: Float64Array | null
  readonly inFlight: Float64Array | null
  /** CPU seconds in the bin, where the platform meters them. */
  readonly cpuSeconds: Float64Array | null
}

/** Load of a region's replicas on one grid of bins, [startMs, startMs + bins * binMs). */
export interface RegionLoad {
  readonly startMs: number
  readonly binMs: number
  readonly bins: number
  readonly series: readonly ReplicaLoad[]
}

/** The CPU samples of one pool together with where the pool is. Null where a file doesn't say. */
export interface PoolCpu {
  readonly region: string | null
  readonly stamp: string | null
  readonly role: string | null
  readonly samples: CpuSamples
}
