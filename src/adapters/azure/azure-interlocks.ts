import type { Clock } from '../../ports/clock.ts'
import type { Interlocks } from '../../ports/interlocks.ts'
import { outagesOf } from './availability.ts'
import type { AzureMap } from './azure-map.ts'
import type { ClientOptions } from './client-options.ts'
import { createGraph } from './graph-rows.ts'
import { maintenanceOf } from './maintenance.ts'
import { resourcesIn } from './region-resources.ts'
import { createRollingUpgrades } from './rolling-upgrades.ts'
import { eventsOf } from './service-events.ts'
import { interlockOf, overlaps } from './told-interlock.ts'

/** How long Resource Graph keeps changes of availability. */
const PAST_MS_MAX = 14 * 86_400_000

/** The span begins before what Azure still knows of: whether something disturbed it can't be told. */
export class PastNotKept extends Error {
  override readonly name = 'PastNotKept'
}

/**
 * What the platform itself does to the stamps of a region: outages by Resource Health, service issues and planned maintenance by
 * Service Health, platform maintenance and rolling upgrades of scale sets. Any source that does not answer whole makes it throw.
 */
export function createAzureInterlocks(
  options: ClientOptions & {
    readonly map: AzureMap
    readonly clock: Clock
    /** Services, as Service Health names them, whose events say nothing of stamps; all others count. */
    readonly ignoredServices?: readonly string[]
  },
): Interlocks {
  const { map, clock, ignoredServices = [] } = options
  const ask = createGraph(options)
  const rollingUpgrades = createRollingUpgrades(options)
  return {
    async between(asked) {
      const region = map.regions.find(({ name }) => name === asked.region)
      if (!region) throw new Error(`${asked.region} is no region of the map; run restamp init`)
      if (asked.fromMs < clock.nowMs() - PAST_MS_MAX)
        throw new PastNotKept(
          `Azure keeps no health from before ${new Date(clock.nowMs() - PAST_MS_MAX).toISOString()}, and it was asked for`,
        )
      const at = await resourcesIn(ask, map, region)
      const told = await Promise.all([
        outagesOf(ask, at, asked),
        eventsOf(ask, at, { asked, ignoredServices }),
        maintenanceOf(ask, at, asked),
        rollingUpgrades(at, asked),
      ])
      return told
        .flat()
        .filter((one) => overlaps(one, asked))
        .map((one) => interlockOf(one, asked.region))
    },
  }
}
