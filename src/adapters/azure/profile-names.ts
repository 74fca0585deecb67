import { partsOf, type RegionName, RegistryName, type ReplicaId, replicaId } from '../../domain/ids.ts'

/** A pattern such as `tm-{registry}-{region}`, filled in for a replica. */
export function filled(pattern: string, replica: ReplicaId): string {
  const { registry, region } = partsOf(replica)
  return pattern.replace('{registry}', registry).replace('{region}', region)
}

/** Azure's names and DNS names are alike whatever the case of their letters. */
export function isSame(one: string | null | undefined, other: string | null | undefined): boolean {
  return (one ?? '').toLowerCase() === (other ?? '').toLowerCase()
}

/** The replica of a region whose profile has this name; undefined for a profile of another region, or of somebody else. */
export function replicaNamed(pattern: string, name: string, region: RegionName): ReplicaId | undefined {
  const [before = '', after = ''] = pattern.replace('{region}', region).split('{registry}')
  const registry = RegistryName.safeParse(name.slice(before.length, name.length - after.length)).data
  if (registry === undefined) return undefined
  const replica = replicaId(registry, region)
  return isSame(filled(pattern, replica), name) ? replica : undefined
}

/**
 * Refuses a pattern by which a profile of one region could be another region's, such as `{registry}-{region}` for regions `eu` and
 * `west-eu`: a route would be taken for that of another replica.
 */
export function assertTellsApart(pattern: string, regions: readonly RegionName[]): void {
  for (const region of regions)
    for (const other of regions) {
      const clash =
        other === region ? undefined : replicaNamed(pattern, filled(pattern, replicaId('x', other)), region)
      if (clash)
        throw new Error(
          `routing.profile ${pattern} names a profile of ${other} as it would name one of ${region}; part the two with another sign, such as "."`,
        )
    }
}
