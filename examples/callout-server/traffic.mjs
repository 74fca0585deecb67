import { regionOf } from './catalog.mjs'
import { Refusal } from './problems.mjs'

const TTL_SECONDS = 60
const SHORT_TTL_SECONDS = 5
const WARM_MS = 240_000
const PULL_MS = 90

/** Routing, and a simple simulation of what follows it: clients go on to the old stamp until the TTL is over. */
export class Traffic {
  #routes = new Map()
  #warmedMs = new Map()
  #catalog
  #stamps
  #nowMs

  constructor({ catalog, stamps, nowMs }) {
    this.#catalog = catalog
    this.#stamps = stamps
    this.#nowMs = nowMs
    for (const { replica, homeStamp, epoch } of catalog.bindings())
      this.#routes.set(replica, { stamp: homeStamp, epoch, goneMs: new Map() })
  }

  routes(region) {
    return [...this.#routes]
      .filter(([replica]) => regionOf(replica) === region)
      .map(([replica, { stamp, prepared }]) => ({
        ...{ replica, stamp },
        ...(prepared ? { preparedFor: prepared.moveKey } : {}),
      }))
  }

  route(replica) {
    return { stamp: this.#of(replica).stamp, ttlSeconds: TTL_SECONDS }
  }

  /** Clients that resolved before go by the long TTL until it is over. */
  prepare(replica, { to, moveKey }) {
    const route = this.#of(replica)
    this.#stamps.mustBeIn(regionOf(replica), to)
    if (route.prepared?.moveKey !== moveKey) route.prepared = { moveKey, atMs: this.#nowMs() }
    return { readyInMs: Math.max(0, route.prepared.atMs + TTL_SECONDS * 1000 - this.#nowMs()) }
  }

  settle(replica) {
    this.#of(replica).prepared = undefined
    return { kind: 'settled' }
  }

  setRoute(replica, { to, epoch }) {
    const route = this.#of(replica)
    this.#stamps.mustBeIn(regionOf(replica), to)
    if (epoch < route.epoch)
      throw new Refusal('stale-epoch', `the route of ${replica} follows epoch ${route.epoch}, not ${epoch}`)
    if (route.stamp !== to) route.goneMs.set(route.stamp, this.#nowMs() + this.#ttlSeconds(route) * 1000)
    route.goneMs.delete(to)
    route.stamp = to
    route.epoch = epoch
    return { kind: 'routed' }
  }

  /** A real platform answers from its own telemetry, and with a 503 where it has none: a zero would end a drain. */
  residue(replica, stamp) {
    const nowMs = this.#nowMs()
    const route = this.#of(replica)
    const goneMs = route.goneMs.get(stamp)
    if (route.stamp !== stamp && goneMs === undefined)
      return { lastRequestAtMs: null, inFlight: 0, openUploads: 0, stragglers: [] }
    const untilMs = route.stamp === stamp ? nowMs : goneMs
    if (untilMs < nowMs) return { lastRequestAtMs: untilMs, inFlight: 0, openUploads: 0, stragglers: [] }
    const stragglers = [{ kind: 'client', id: `${regionOf(replica)}-client-1` }]
    return { lastRequestAtMs: nowMs, inFlight: 1, openUploads: 0, stragglers }
  }

  warm(replica, stamp) {
    const nowMs = this.#nowMs()
    if (this.#serves(replica, stamp)) return { share: 1 }
    const name = `${stamp} ${replica}`
    const sinceMs = this.#warmedMs.get(name) ?? nowMs
    this.#warmedMs.set(name, sinceMs)
    return { share: Math.min(1, (nowMs - sinceMs) / WARM_MS) }
  }

  pull(replica, stamp) {
    const ready = this.#stamps.pools(stamp).some(({ readyNodes }) => readyNodes > 0)
    return { ok: this.#serves(replica, stamp) && ready, latencyMs: PULL_MS }
  }

  #ttlSeconds({ prepared }) {
    const isReady = prepared && prepared.atMs + TTL_SECONDS * 1000 <= this.#nowMs()
    return isReady ? SHORT_TTL_SECONDS : TTL_SECONDS
  }

  #serves(replica, stamp) {
    return this.#of(replica).stamp === stamp || this.#catalog.binding(replica).homeStamp === stamp
  }

  #of(replica) {
    const route = this.#routes.get(replica)
    if (!route) throw new Refusal('unknown-replica', `${replica} is no replica of this fleet`)
    return route
  }
}
