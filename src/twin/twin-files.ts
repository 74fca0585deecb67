import { createHash } from 'node:crypto'
import type { Fleet, Pool } from '../domain/fleet.ts'
import type { CpuSamples, PoolCpu, RegionLoad } from '../domain/series.ts'

/** What a twin is made from: a fleet and what was measured in one of its regions. */
export interface TwinFiles {
  readonly fleet: Fleet
  readonly region: string
  readonly cpu: readonly PoolCpu[]
  readonly load: RegionLoad
}

/** A pool of the region, with the samples that the files hold of it. */
export interface FilePool {
  readonly stamp: string
  readonly pool: Pool
  readonly samples: CpuSamples | undefined
}

/** The region's pools. Where a file doesn't say whose samples it holds, they are those of the only pool. */
export function filePools(files: TwinFiles): FilePool[] {
  const stamps = files.fleet.regions.find((region) => region.name === files.region)?.stamps ?? []
  const pools = stamps.flatMap((stamp) => stamp.pools.map((pool) => ({ stamp: stamp.id, pool })))
  return pools.map(({ stamp, pool }) => ({
    stamp,
    pool,
    samples: files.cpu.find(
      (cpu) =>
        (cpu.region === null || cpu.region === files.region) &&
        (cpu.stamp === null ? stamps.length === 1 : cpu.stamp === stamp) &&
        (cpu.role === null ? pools.length === 1 : cpu.role === pool.role),
    )?.samples,
  }))
}

/** Tells data and seed of one twin from those of another: SHA-256 as hex digits. */
export function fingerprint(files: TwinFiles, seed: number): string {
  const hash = createHash('sha256').update(JSON.stringify([seed, files.region, files.fleet]))
  for (const { region, stamp, role, samples } of files.cpu) {
    hash.update(JSON.stringify([region, stamp, role, samples.nodes]))
    for (const column of [samples.timesMs, samples.nodeAt, samples.cpuPercent]) hash.update(column)
  }
  hash.update(JSON.stringify([files.load.startMs, files.load.binMs, files.load.bins]))
  for (const { registry, role, requests, bytes, cpuSeconds } of files.load.series) {
    hash.update(JSON.stringify([registry, role]))
    for (const column of [requests, bytes, cpuSeconds]) if (column) hash.update(column)
  }
  return hash.digest('hex')
}
