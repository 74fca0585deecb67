import { startCalloutServer } from '../../../examples/callout-server/server.mjs'
import { createCallout } from '../../../src/adapters/callout/callout.ts'
import { offeredParts } from '../../../src/adapters/callout/offered-parts.ts'
import type { Fleet } from '../../../src/domain/fleet.ts'
import type { Capacity } from '../../../src/ports/capacity.ts'
import type { Clock } from '../../../src/ports/clock.ts'
import type { Traffic } from '../../../src/ports/traffic.ts'
import type { Twin } from '../../../src/twin/twin.ts'

const secret = 'a-secret-of-both-sides'

/** The control plane of examples/callout-server over a region's fleet, reached over HTTP; a simulated region follows what it is told. */
export async function startLeadingPlane({
  twin,
  fleet,
  clock,
}: {
  readonly twin: Twin
  readonly fleet: Fleet
  readonly clock: Clock
}) {
  const { baseUrl, close } = await startCalloutServer({ fleet, secret, nowMs: () => clock.nowMs() })
  const callout = createCallout({
    ...{ baseUrl, clock, auth: { kind: 'hmac', secret } },
    // Seconds of real time are days of the simulation.
    pause: () => Promise.resolve(),
  })
  const { traffic, capacity } = callout
  const offered = await offeredParts({
    ...callout,
    traffic: followed(traffic, twin.traffic),
    capacity: scaled(capacity, twin.capacity),
  })
  return { offered, close }
}

/** Tells the region of each change of a route, and of what gets one ready. */
function followed(plane: Traffic, region: Traffic): Traffic {
  return {
    route: (replica) => plane.route(replica),
    routes: (name) => plane.routes(name),
    prepareRoute: async (change) => {
      await region.prepareRoute(change)
      return plane.prepareRoute(change)
    },
    settleRoute: async (replica) => {
      await plane.settleRoute(replica)
      await region.settleRoute(replica)
    },
    setRoute: async (change) => {
      const outcome = await plane.setRoute(change)
      if (outcome === 'routed') await region.setRoute(change)
      return outcome
    },
    residue: (replica, stamp) => plane.residue(replica, stamp),
    warm: async (replica, stamp) => {
      await region.warm(replica, stamp)
      return plane.warm(replica, stamp)
    },
    pull: (replica, stamp) => plane.pull(replica, stamp),
  }
}

function scaled(plane: Capacity, region: Capacity): Capacity {
  return {
    pools: (stamp) => plane.pools(stamp),
    setMinimum: async (change) => {
      await plane.setMinimum(change)
      await region.setMinimum(change)
    },
    changeMinimum: async (change) => {
      const outcome = await plane.changeMinimum(change)
      if (outcome.kind === 'changed') await region.setMinimum(change)
      return outcome
    },
  }
}
