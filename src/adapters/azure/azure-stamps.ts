import type { StampId } from '../../domain/ids.ts'
import type { ArmGroups } from './arm-groups.ts'
import type { AzureMap, AzureStamp } from './azure-map.ts'
import { groupOf, madeStampAt, type Place, placesOf } from './made-stamp.ts'
import { keyIn, newStampIn } from './stamp-tags.ts'

/** A stamp and the Azure region that it lies in. */
export interface LocatedStamp extends AzureStamp {
  readonly location: string
}

/** Where a stamp is on Azure: as the map says, or as the tags of a group say that Restamp made. */
export interface AzureStamps {
  find(stamp: StampId): Promise<LocatedStamp | undefined>
}

/** Looks in the map first; a stamp that is not in it is asked for anew each time, since it may be made or removed meanwhile. */
export function createAzureStamps({
  map,
  groupsAt,
}: {
  readonly map: AzureMap
  readonly groupsAt: (place: Place) => ArmGroups
}): AzureStamps {
  return {
    async find(stamp) {
      const known = stampIn(map, stamp)
      if (known) return known
      for (const place of placesOf(map)) {
        const group = await groupsAt(place).read(groupOf(place, stamp))
        if (group && keyIn(group.tags))
          return { ...madeStampAt(place, newStampIn(group.tags)), location: place.region.location }
      }
      return undefined
    },
  }
}

export function stampIn({ regions }: AzureMap, stamp: StampId): LocatedStamp | undefined {
  for (const { location, stamps } of regions) {
    const known = stamps.find((each) => each.stamp === stamp)
    if (known) return { ...known, location }
  }
  return undefined
}
