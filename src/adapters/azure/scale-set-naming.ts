import { PoolRole } from '../../domain/fleet.ts'
import { RegionName, StampId } from '../../domain/ids.ts'
import type { FoundScaleSet } from './discovery.ts'

/** How to tell which pool of which stamp a scale set is. A tag goes before a pattern. */
export interface ScaleSetNaming {
  /** Names of tags. */
  readonly tags: {
    readonly stamp: string
    readonly pool: string
    readonly region: string
    readonly host: string
    readonly kind: string
  }
  /** Of a scale set's name, such as `vmss-{stamp}-{pool}`; {stamp} takes as much as it can. */
  readonly pattern?: string | undefined
  /** Of a stamp's front end, such as `{stamp}.stamps.example.com`. */
  readonly host?: string | undefined
}

export const DEFAULT_TAGS: ScaleSetNaming['tags'] = {
  stamp: 'restamp-stamp',
  pool: 'restamp-pool',
  region: 'restamp-region',
  host: 'restamp-host',
  kind: 'restamp-kind',
}

/** A scale set as a pool of a stamp. */
export interface NamedPool {
  readonly scaleSet: FoundScaleSet
  readonly region: string
  readonly stamp: string
  readonly role: string
  readonly host: string | undefined
  readonly kind: 'shared' | 'isolated'
}

/** Names a scale set; undefined where neither tags nor pattern say whose pool it is. */
export function namedPool(scaleSet: FoundScaleSet, naming: ScaleSetNaming): NamedPool | undefined {
  const { tags } = scaleSet
  const found = partsIn(scaleSet.name, naming.pattern)
  const stamp = StampId.safeParse(tags[naming.tags.stamp] ?? found.stamp).data
  const role = PoolRole.safeParse(tags[naming.tags.pool] ?? found.pool).data
  const region = RegionName.safeParse(tags[naming.tags.region] ?? scaleSet.location).data
  if (!stamp || !role || !region) return undefined
  const host = tags[naming.tags.host] ?? naming.host?.replace('{stamp}', stamp.toLowerCase())
  const kind = tags[naming.tags.kind] === 'isolated' ? 'isolated' : 'shared'
  return { scaleSet, region, stamp, role, host, kind }
}

function partsIn(name: string, pattern: string | undefined): { stamp?: string; pool?: string } {
  if (!pattern) return {}
  const escaped = pattern.replace(/[.*+?^$()|[\]\\]/g, '\\$&')
  const shape = escaped.replace('{stamp}', '(?<stamp>.+)').replace('{pool}', '(?<pool>.+)')
  return new RegExp(`^${shape}$`, 'i').exec(name)?.groups ?? {}
}
