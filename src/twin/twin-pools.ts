import type { Pool } from '../domain/fleet.ts'
import { replicaId } from '../domain/ids.ts'
import type { NewStamp } from '../ports/provisioning.ts'
import { replicaCosts } from './cost.ts'
import type { EffectBody } from './effect-log.ts'
import { madePool } from './made-stamps.ts'
import { PoolLoad, type Resident } from './pool-load.ts'
import { PoolScaling } from './pool-scale.ts'
import { type PoolSource, poolSource } from './pool-source.ts'
import { PoolTelemetry } from './pool-telemetry.ts'
import type { Region } from './region.ts'
import { arrivalSkew } from './skew.ts'
import type { Timeline } from './timeline.ts'
import { type FilePool, filePools, type TwinFiles } from './twin-files.ts'

/** One pool of the region at work. */
export interface TwinPool {
  readonly stamp: string
  readonly pool: Pool
  readonly source: PoolSource
  readonly load: PoolLoad
  readonly scaling: PoolScaling
  readonly telemetry: PoolTelemetry
}

/** Makes the pools forget what an effect changes. */
export function forgetTouched(
  pools: readonly TwinPool[],
  region: Region,
  body: EffectBody,
  atMs: number,
): void {
  switch (body.kind) {
    case 'route': {
      const routing = region.routing(body.replica)
      const stamps = new Set([routing?.home, ...(routing?.changes.map((change) => change.to) ?? [])])
      for (const { stamp, load, scaling, telemetry } of pools) {
        if (!stamps.has(stamp)) continue
        load.forgetFrom(atMs)
        scaling.forgetFrom(atMs)
        telemetry.forgetFrom(atMs)
      }
      return
    }
    case 'minimum':
      for (const { stamp, pool, scaling, telemetry } of pools) {
        if (stamp !== body.stamp || pool.role !== body.role) continue
        scaling.forgetFrom(atMs)
        telemetry.forgetFrom(atMs)
      }
      return
    case 'fault': {
      const fromMs = body.fault.kind === 'silent-source' ? Math.min(body.fault.fromMs, atMs) : atMs
      for (const { telemetry } of pools) telemetry.forgetFrom(fromMs)
      return
    }
    case 'rebind':
    case 'rebindFailed':
    case 'warm':
    case 'provision':
    case 'activate':
    case 'unprovision':
      return
    default:
      body satisfies never
  }
}

/** The pools of the files' region, each with its load, its nodes and its telemetry; more where stamps are made. */
export function createPools(parts: {
  readonly files: TwinFiles
  readonly timeline: Timeline
  readonly region: Region
  readonly seed: number
}): { readonly pools: TwinPool[]; readonly addMadePools: (pools: TwinPool[], wanted: NewStamp) => void } {
  const { files, timeline, region, seed } = parts
  const entries = filePools(files).map((file) => ({ ...file, source: poolSource(file, timeline) }))
  const sources = entries.map((entry) => entry.source)
  const residents = residentsOf(files, timeline, sources)
  const loadOf = (source: PoolSource) =>
    new PoolLoad({
      pool: source,
      timeline,
      residents: residents.filter((resident) => resident.cost.role === source.role),
      routingOf: (replica) => region.routing(replica),
    })
  const loads = sources.map(loadOf)
  const loaded = sources.filter((_, at) => loads[at]?.hasOwnReplicas())
  const poolOf = (file: FilePool, source: PoolSource, load: PoolLoad): TwinPool => {
    const { stamp, pool } = file
    const scaling = new PoolScaling({ pool: source, timeline, load, minimums: () => region.minimums })
    const telemetry = new PoolTelemetry({
      pool: source,
      timeline,
      load,
      scaling,
      skew: arrivalSkew(source, loaded, seed),
      heatAt: (atMs) => region.heatOf(stamp, atMs),
      silentAt: (atMs) => region.isSilent(stamp, atMs),
      seed,
    })
    return { stamp, pool, source, load, scaling, telemetry }
  }
  return {
    pools: entries.flatMap((entry, at) => {
      const load = loads[at]
      return load ? [poolOf(entry, entry.source, load)] : []
    }),
    addMadePools: (pools, wanted) => {
      for (const { role } of wanted.pools) {
        const pool = madePool(files.fleet, wanted, role)
        const isThere = pools.some((one) => one.stamp === wanted.stamp && one.pool.role === role)
        if (!pool || isThere) continue
        const file: FilePool = { stamp: wanted.stamp, pool, samples: undefined }
        const source = poolSource(file, timeline)
        pools.push(poolOf(file, source, loadOf(source)))
      }
    },
  }
}

function residentsOf(files: TwinFiles, timeline: Timeline, pools: readonly PoolSource[]): Resident[] {
  const homes = new Map(
    files.fleet.registries.flatMap(({ name, replicas }) =>
      replicas
        .filter((replica) => replica.region === files.region)
        .map((replica) => [String(name), String(replica.homeStamp)] as const),
    ),
  )
  const stampOf = (registry: string) => homes.get(registry)
  return replicaCosts(files.load, pools, { stampOf, timeline }).flatMap((cost) => {
    const home = homes.get(cost.registry)
    return home === undefined ? [] : [{ replica: replicaId(cost.registry, files.region), home, cost }]
  })
}
