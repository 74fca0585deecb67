import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { azureTrafficOver, profileOf } from './azure-region.ts'
import type { Disturbance } from './traffic-manager-server.ts'

export const region = 'weu'
export const replica = replicaId('contoso', region)
export const home = StampId.parse('weu-a')
export const other = StampId.parse('weu-b')
export const third = StampId.parse('weu-c')
/** A stamp that Restamp has made since the map was written. */
export const made = StampId.parse('weu-iso-1')
export const change = { replica, to: other, moveKey: 'p/contoso@weu/001', epoch: 2 }

/** Traffic on Azure with one replica, routed to `home` with a TTL of 300 s; what tests look at and disturb in it. */
export function aRoutedReplica() {
  const clock = { ms: Date.UTC(2026, 10, 1) }
  const azure = azureTrafficOver({
    ...{ region, stamps: [home, other, third], made, clock: { nowMs: () => clock.ms } },
    behind: {
      setRoute: async () => 'routed',
      residue: async () => ({ lastRequestAtMs: null, inFlight: 0, openUploads: 0, stragglers: [] }),
      pull: async () => ({ ok: true, latencyMs: 1 }),
    },
  })
  azure.add(replica, home, 300)
  const profile = () => azure.routing.profile(profileOf(replica))
  return {
    ...azure,
    clock,
    profile,
    enabled: () =>
      profile()
        .endpoints.filter(({ endpointStatus }) => endpointStatus === 'Enabled')
        .map(({ name }) => name),
    endpoint(stamp: string) {
      const found = profile().endpoints.find(({ name }) => name === stamp)
      if (!found) throw new Error(`no endpoint ${stamp}`)
      return found
    },
    writes: () => azure.routing.requests.filter(({ method }) => method !== 'GET'),
    /** Something comes of the nth write from now on, and of no other. */
    atWrite(nth: number, disturbance: Disturbance): void {
      let seen = -1
      azure.routing.disturb(({ method }) => {
        if (method === 'GET') return undefined
        seen += 1
        return seen === nth ? disturbance : undefined
      })
    },
  }
}
