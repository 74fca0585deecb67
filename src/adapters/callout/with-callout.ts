import type { LateParts } from '../../ports/late-ports.ts'
import type { Callout } from './callout.ts'

type Platform = Omit<LateParts, 'checks'>

/** A platform of which an operator's own control plane stands behind whatever it offers. */
export async function withCallout(platform: Platform, callout: Callout): Promise<Platform> {
  const { offers } = await callout.capabilities()
  const { catalog, traffic, capacity, interlocks } = platform.ports
  return {
    ...platform,
    ports: {
      ...platform.ports,
      catalog: offers.includes('catalog') ? callout.catalog : catalog,
      traffic: offers.includes('traffic') ? callout.traffic : traffic,
      capacity: offers.includes('capacity') ? callout.capacity : capacity,
      interlocks: offers.includes('interlocks') ? callout.interlocks : interlocks,
    },
    provisioning: offers.includes('provisioning') ? callout.provisioning : platform.provisioning,
  }
}
