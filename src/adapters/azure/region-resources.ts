import { z } from 'zod'
import type { StampId } from '../../domain/ids.ts'
import type { AzureMap, AzureRegion, AzureStamp } from './azure-map.ts'
import { type AskGraph, readRows } from './graph-rows.ts'
import { madeStampAt, type Place, placesOf, scaleSetIdOf } from './made-stamp.ts'
import { newStampIn } from './stamp-tags.ts'

const GroupRow = z.object({ id: z.string(), tags: z.record(z.string(), z.string()) })
const ScaleSetRow = z.object({ id: z.string(), capacity: z.int().nullish() })

/** One scale set of a stamp. `capacity` is how many nodes it wants now; null where Resource Graph does not show it. */
export interface StampScaleSet {
  readonly stamp: StampId
  readonly name: string
  readonly id: string
  readonly subscriptionId: string
  readonly resourceGroup: string
  readonly capacity: number | null
}

/** Where interlocks are looked for: the stamps of one region on Azure, in the map and made since. */
export interface RegionResources {
  /** As Azure calls it, such as `westeurope`. */
  readonly location: string
  readonly subscriptions: readonly string[]
  readonly scaleSets: readonly StampScaleSet[]
}

/** Finds a region's scale sets. Rows that we may not read are left out without a word: those scale sets have no capacity. */
export async function resourcesIn(
  ask: AskGraph,
  map: AzureMap,
  region: AzureRegion,
): Promise<RegionResources> {
  const places = placesOf(map).filter((place) => place.region === region)
  const made = (await Promise.all(places.map((place) => madeStamps(ask, place)))).flat()
  const stamps = [...region.stamps, ...made]
  const subscriptions = [...new Set(stamps.map(({ subscriptionId }) => subscriptionId))]
  const rows = readRows(
    'resources',
    ScaleSetRow,
    await ask(
      subscriptions,
      "resources | where type =~ 'microsoft.compute/virtualmachinescalesets' | project id, capacity = toint(sku.capacity)",
    ),
  )
  const capacities = new Map(rows.map(({ id, capacity }) => [id.toLowerCase(), capacity ?? 0]))
  const scaleSets = stamps.flatMap((stamp) =>
    stamp.pools.map(({ scaleSet }) => {
      const id = scaleSetIdOf(stamp, { scaleSet })
      const { subscriptionId, resourceGroup } = stamp
      const capacity = capacities.get(id.toLowerCase()) ?? null
      return { stamp: stamp.stamp, name: scaleSet, id, subscriptionId, resourceGroup, capacity }
    }),
  )
  return { location: region.location, subscriptions, scaleSets }
}

async function madeStamps(ask: AskGraph, place: Place): Promise<AzureStamp[]> {
  const rows = await ask(
    [place.subscriptionId],
    "resourcecontainers | where type =~ 'microsoft.resources/subscriptions/resourcegroups' | where isnotempty(tostring(tags['restamp-key'])) | project id, tags",
  )
  return readRows('resourcecontainers', GroupRow, rows)
    .map(({ tags }) => newStampIn(tags))
    .filter(({ region }) => region === place.region.name)
    .map((stamp) => madeStampAt(place, stamp))
}

/** The scale set that a resource is, or is a node of. */
export function scaleSetWith(
  { scaleSets }: RegionResources,
  resourceId: string | null | undefined,
): StampScaleSet | undefined {
  const asked = resourceId?.toLowerCase() ?? ''
  return scaleSets.find(({ id }) => asked === id.toLowerCase() || asked.startsWith(`${id.toLowerCase()}/`))
}
