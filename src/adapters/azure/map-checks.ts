import type { Fleet } from '../../domain/fleet.ts'
import type { Clock } from '../../ports/clock.ts'
import type { Interlocks } from '../../ports/interlocks.ts'
import type { AzureMap, AzureRegion } from './azure-map.ts'
import { type Check, ToFix } from './check-found.ts'
import type { AskGraph } from './graph-rows.ts'
import { resourcesIn } from './region-resources.ts'

interface Parts {
  readonly map: AzureMap
  readonly clock: Clock
  readonly ask: AskGraph
  readonly interlocks: Interlocks
  readonly fleet: () => Promise<Fleet>
}

/** Whether the map is of what is there: on Azure, and in the fleet. */
export function mapChecks(parts: Parts): Check[] {
  return [
    ...parts.map.regions.flatMap((region) => [graphCheck(parts, region), interlocksCheck(parts, region)]),
    fleetCheck(parts),
  ]
}

/** Rows that may not be read are left out without a word, so each scale set of the map has to be among them. */
function graphCheck({ map, ask }: Parts, region: AzureRegion): Check {
  const groups = [...new Set(region.stamps.map(({ resourceGroup }) => resourceGroup))].join(', ')
  return {
    check: `${region.name}: Resource Graph`,
    right: {
      name: 'Microsoft.ResourceGraph/resources/read',
      role: 'Restamp event reader',
      at: "the stamps' subscriptions",
    },
    run: async () => {
      const { scaleSets } = await resourcesIn(ask, map, region)
      const unseen = scaleSets.filter(({ capacity }) => capacity === null).map(({ name }) => name)
      if (unseen.length === 0) return `shows all ${scaleSets.length} scale sets`
      throw new ToFix(
        `does not show ${unseen.join(', ')}`,
        `look whether they are there; if so grant Restamp observer at their groups (${groups})`,
      )
    },
  }
}

function interlocksCheck({ interlocks, clock }: Parts, { name }: AzureRegion): Check {
  return {
    check: `${name}: interlocks`,
    right: {
      name: 'Microsoft.ResourceHealth/availabilityStatuses/read, events/read and Microsoft.Maintenance/updates/read',
      role: 'Restamp observer and Restamp event reader',
      at: "the stamps' groups and subscriptions",
    },
    run: async () => {
      const nowMs = clock.nowMs()
      const inForce = await interlocks.between({ region: name, fromMs: nowMs, toMs: nowMs })
      return inForce.length === 0
        ? 'nothing speaks against moving'
        : `${inForce.length} speak against moving: ${inForce[0]?.words}`
    },
  }
}

function fleetCheck({ map, fleet }: Parts): Check {
  return {
    check: 'map and fleet',
    run: async () => {
      const onAzure = new Set(map.regions.flatMap((region) => poolsOf(region.name, region.stamps)))
      const { regions } = await fleet()
      const inFleet = new Set(
        regions.flatMap(({ name, stamps }) =>
          poolsOf(
            name,
            stamps
              .filter(({ state }) => state !== 'retired' && state !== 'provisioning')
              .map(({ id, pools }) => ({ stamp: id, pools })),
          ),
        ),
      )
      const onlyMap = [...onAzure].filter((pool) => !inFleet.has(pool))
      const onlyFleet = [...inFleet].filter((pool) => !onAzure.has(pool))
      if (onlyMap.length + onlyFleet.length === 0) return `both name the same ${onAzure.size} pools`
      const words = [
        onlyMap.length > 0 ? `only in the map: ${onlyMap.join(', ')}` : '',
        onlyFleet.length > 0 ? `only in the fleet: ${onlyFleet.join(', ')}` : '',
      ]
      throw new ToFix(
        words.filter((each) => each).join('; '),
        'enter the fleet anew (restamp init fleet), or correct the map and deploy; a stamp that Restamp made is in no map, and fine',
      )
    },
  }
}

function poolsOf(
  region: string,
  stamps: readonly { readonly stamp: string; readonly pools: readonly { readonly role: string }[] }[],
): string[] {
  return stamps.flatMap(({ stamp, pools }) => pools.map(({ role }) => `${region}/${stamp}/${role}`))
}
