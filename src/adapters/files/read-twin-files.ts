import type { Fleet } from '../../domain/fleet.ts'
import type { PoolCpu, RegionLoad } from '../../domain/series.ts'
import { FileRefused } from './file-refused.ts'
import { readCpu } from './read-cpu.ts'
import { readFleet } from './read-fleet.ts'
import { readLoad } from './read-load.ts'

/** The three files of one region, read together. Throws `FileRefused` with a plain sentence. */
export async function readTwinFiles(paths: {
  readonly fleet: string
  readonly cpu: string
  readonly load: string
  readonly region?: string
}): Promise<{ fleet: Fleet; region: string; cpu: PoolCpu[]; load: RegionLoad }> {
  const fleet = await readFleet(paths.fleet)
  const names = fleet.regions.map(({ name }) => name)
  const region = paths.region ?? (names.length === 1 ? names[0] : undefined)
  if (!region || !names.includes(region)) {
    throw new FileRefused(
      `${paths.fleet}: expected to be told one region of ${names.join(', ')}, found ${paths.region ?? 'none'}`,
    )
  }
  const { pools } = await readCpu(paths.cpu)
  const load = (await readLoad(paths.load, { fleet })).get(region)
  if (!load) throw new FileRefused(`${paths.load}: no row is of region ${region}`)
  return { fleet, region, cpu: pools.filter((pool) => pool.region === null || pool.region === region), load }
}
