import { partsOf, type ReplicaId, StampId } from '../domain/ids.ts'
import { ReplicaUnknown, StampUnknown } from '../ports/catalog.ts'
import type { Traffic } from '../ports/traffic.ts'
import { warmthAt } from './cache.ts'
import type { Region } from './region.ts'
import { NO_RESIDUE, type RequestSource, residueAt } from './requests.ts'
import { routedTo, TTL_SECONDS } from './routing.ts'
import { numberOf, unitAt } from './seeded.ts'
import type { Timeline } from './timeline.ts'
import type { TwinPool } from './twin-pools.ts'

/** A synthetic pull on idle nodes, and how much slower it is as its nodes fill up. */
const PULL_MS = 80
const PULL_WAIT_MS = 60
const PULL_UTILIZATION_MAX = 0.98
/** Of the pulls through a heated stamp so many fail for each time that it is hotter than it would be. */
const PULL_FAILURES_PER_HEAT = 0.1

interface Parts {
  readonly timeline: Timeline
  readonly region: Region
  readonly pools: readonly TwinPool[]
  readonly requests: ReadonlyMap<string, RequestSource>
  readonly seed: number
}

export function twinTraffic(parts: Parts): Traffic {
  const { timeline, region, requests, seed } = parts
  return {
    async route(replica) {
      const routing = region.routing(replica)
      if (!routing) return undefined
      return { stamp: StampId.parse(routedTo(routing, region.nowMs())), ttlSeconds: TTL_SECONDS }
    },
    async routes(name) {
      const nowMs = region.nowMs()
      return region
        .routings(name)
        .map(([replica, routing]) => ({ replica, stamp: StampId.parse(routedTo(routing, nowMs)) }))
    },
    // Simulated clients keep to one TTL, so there is nothing to hasten and nothing to put back.
    async prepareRoute({ replica }) {
      if (!region.routing(replica))
        throw new ReplicaUnknown(`${replica} is no replica of this fleet; nothing was prepared`)
      return { readyInMs: 0 }
    },
    async settleRoute() {},
    async setRoute({ replica, to, moveKey, epoch }) {
      const routing = region.routing(replica)
      if (!routing) throw new ReplicaUnknown(`${replica} is no replica of this fleet; nothing was routed`)
      const place = region.fleet().regions.find(({ name }) => name === partsOf(replica).region)
      if (!place?.stamps.some((stamp) => stamp.id === to)) {
        throw new StampUnknown(`${to} is no stamp of ${partsOf(replica).region}; nothing was routed`)
      }
      const last = routing.changes.at(-1)
      if ((last?.epoch ?? 0) > epoch) return 'stale'
      if (last?.to !== to || last.epoch !== epoch) region.do({ kind: 'route', replica, to, moveKey, epoch })
      return 'routed'
    },
    async warm(replica, stamp) {
      if (!region.routing(replica))
        throw new ReplicaUnknown(`${replica} is no replica of this fleet; nothing was warmed`)
      const share = warmthAt(region, replica, stamp, region.nowMs())
      if (share === 0 && region.warmedMs(replica, stamp) !== region.nowMs())
        region.do({ kind: 'warm', replica, stamp })
      return { share }
    },
    async residue(replica, stamp) {
      const routing = region.routing(replica)
      const source = requests.get(replica)
      if (!routing || !source) return NO_RESIDUE
      return residueAt({ source, routing, stamp, timeline, seed }, region.nowMs())
    },
    pull: async (replica, stamp) => pull(parts, replica, stamp),
  }
}

/** Works where the stamp is bound or routed to and each of its pools has a ready node. */
function pull({ region, pools, timeline, seed }: Parts, replica: ReplicaId, stamp: StampId) {
  const nowMs = region.nowMs()
  const routing = region.routing(replica)
  const isServed =
    region.binding(replica)?.homeStamp === stamp || (routing && routedTo(routing, nowMs) === stamp)
  const serving = pools.filter((pool) => pool.stamp === stamp)
  const draw = unitAt(seed, numberOf(replica), numberOf(stamp), Math.floor(nowMs / 1000))
  const heat = region.heatOf(stamp, nowMs)
  const ok =
    isServed === true &&
    serving.length > 0 &&
    serving.every((pool) => pool.scaling.readyAt(nowMs) > 0) &&
    draw >= PULL_FAILURES_PER_HEAT * (heat - 1)
  const binMs = timeline.binMs
  const overMs = Math.floor(nowMs / binMs) * binMs
  let latencyMs = PULL_MS * (0.8 + 0.4 * draw)
  for (const { telemetry } of serving) {
    const { cpuPercent } = telemetry.between(overMs - binMs, overMs)
    const known = cpuPercent.filter((percent) => !Number.isNaN(percent))
    const mean = known.reduce((sum, percent) => sum + percent, 0) / Math.max(1, known.length) / 100
    const used = Math.min(PULL_UTILIZATION_MAX, mean)
    latencyMs += (PULL_WAIT_MS * used) / (1 - used)
  }
  return { ok, latencyMs: Math.round(latencyMs) }
}
