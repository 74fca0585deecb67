import { Fleet } from '../../src/domain/fleet.ts'
import { type ReplicaId, replicaId, StampId } from '../../src/domain/ids.ts'
import type { CpuSamples, ReplicaLoad } from '../../src/domain/series.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import type { TwinFiles } from '../../src/twin/twin-files.ts'

export const MINUTE_MS = 60_000
export const DAY_MS = 86_400_000
export const STARTS_MS = Date.UTC(2026, 0, 7)

export const busy = replicaId('busy', 'north')
export const quiet = replicaId('quiet', 'north')
export const shared = StampId.parse('n-1')
const other = StampId.parse('n-2')
export const empty = StampId.parse('n-3')

export interface FilesLike {
  readonly minutes?: number
  /** Bin and node index to CPU percent; NaN for no sample. */
  readonly cpu?: (bin: number, node: number, stamp: string) => number
  /** Requests in a bin of the replica `busy`. */
  readonly requests?: (bin: number) => number
  readonly quietRequests?: (bin: number) => number
  readonly nodes?: number
  readonly minNodes?: number
  /** A stamp of which the files hold no sample. */
  readonly unrecorded?: StampId
  readonly emptyNodes?: number
}

/** Three stamps with one pool each: `busy` and `quiet` live on the first, `neighbour` on the second, none on the third. */
export function someFiles(like: FilesLike = {}): TwinFiles {
  const minutes = like.minutes ?? 1440
  const nodes = like.nodes ?? 4
  const startMs = STARTS_MS - minutes * MINUTE_MS
  const requests = like.requests ?? ((bin) => 3000 + 1000 * Math.sin(bin / 50))
  const load = (registry: string, perBin: (bin: number) => number): ReplicaLoad => ({
    registry,
    role: 'registry',
    requests: Float64Array.from({ length: minutes }, (_, bin) => Math.round(perBin(bin))),
    bytes: null,
    throttled: null,
    errors: null,
    inFlight: null,
    cpuSeconds: null,
  })
  const cpu =
    like.cpu ??
    ((bin, node, stamp) => {
      if (stamp === empty) return 2
      const cores = (stamp === shared ? requests(bin) + 2000 : 3000 + 500 * Math.cos(bin / 70)) / 1000
      return 2 + ((100 * cores) / (8 * nodes)) * (node === 1 ? 1.3 : 0.9)
    })
  const fleet = Fleet.parse({
    regions: [
      {
        name: 'north',
        stamps: [shared, other, empty].map((id) =>
          stampOf(id, id === empty ? (like.emptyNodes ?? nodes) : nodes, like.minNodes),
        ),
      },
    ],
    registries: ['busy', 'quiet', 'third', 'neighbour'].map((name) => ({
      name,
      customer: name === 'neighbour' ? 'fabrikam' : 'contoso',
      replicas: [{ region: 'north', homeStamp: name === 'neighbour' ? other : shared }],
    })),
  })
  return {
    fleet,
    region: 'north',
    cpu: [shared, other, empty]
      .filter((stamp) => stamp !== like.unrecorded)
      .map((stamp) => ({
        region: null,
        stamp,
        role: 'registry',
        samples: samplesOf({ startMs, minutes, nodes, stamp }, cpu),
      })),
    load: {
      startMs,
      binMs: MINUTE_MS,
      bins: minutes,
      series: [
        load('busy', requests),
        load('quiet', like.quietRequests ?? ((bin) => (bin % 97 === 13 ? 1 : 0))),
        load('third', () => 2000),
        load('neighbour', (bin) => 3000 + 500 * Math.cos(bin / 70)),
      ],
    },
  }
}

function stampOf(id: StampId, nodes: number, minNodes = nodes) {
  return {
    id,
    kind: id === empty ? 'isolated' : 'shared',
    state: 'active',
    pools: [{ role: 'registry', nodes, minNodes, maxNodes: 10, vcpusPerNode: 8 }],
  }
}

function samplesOf(
  grid: {
    readonly startMs: number
    readonly minutes: number
    readonly nodes: number
    readonly stamp: string
  },
  cpu: (bin: number, node: number, stamp: string) => number,
): CpuSamples {
  const { startMs, minutes, nodes, stamp } = grid
  const length = minutes * nodes
  return {
    nodes: Array.from({ length: nodes }, (_, node) => `${stamp}-vm${node}`),
    timesMs: Float64Array.from({ length }, (_, at) => startMs + Math.floor(at / nodes) * MINUTE_MS),
    nodeAt: Uint32Array.from({ length }, (_, at) => at % nodes),
    cpuPercent: Float64Array.from({ length }, (_, at) => cpu(Math.floor(at / nodes), at % nodes, stamp)),
    cpuPercentMax: null,
  }
}

/** A clock that a test sets. */
export class HandClock {
  ms: number

  constructor(ms = STARTS_MS) {
    this.ms = ms
  }

  nowMs(): number {
    return this.ms
  }
}

export function aTwin(
  like: FilesLike & { readonly database?: string; readonly seed?: number; readonly clock?: HandClock } = {},
): { readonly twin: Twin; readonly clock: HandClock; readonly files: TwinFiles } {
  const clock = like.clock ?? new HandClock()
  const files = someFiles(like)
  const twin = createTwin({ files, database: like.database ?? ':memory:', clock, seed: like.seed ?? 1 })
  return { twin, clock, files }
}

/** Binds and routes a replica elsewhere at the twin's now. */
export async function moveTo(twin: Twin, replica: ReplicaId, to: StampId, moveKey: string): Promise<void> {
  const binding = await twin.catalog.binding(replica)
  const { binding: after } = await twin.catalog.rebind({
    ...{ replica, to, moveKey },
    expectedEpoch: binding?.epoch ?? 0,
  })
  await twin.traffic.setRoute({ replica, to, moveKey, epoch: after.epoch })
}
