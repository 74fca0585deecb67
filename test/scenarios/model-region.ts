import type { Fleet } from '../../src/domain/fleet.ts'
import { RegistryName, type ReplicaId, replicaId, StampId } from '../../src/domain/ids.ts'
import type { Interlock } from '../../src/domain/interlocks.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import type { Capacity } from '../../src/ports/capacity.ts'
import type { Binding, Catalog } from '../../src/ports/catalog.ts'
import type { Residue, Traffic } from '../../src/ports/traffic.ts'
import type { Listener } from './model-journal.ts'

export const TTL_SECONDS = 60
/** Most clients follow a route within its TTL, the last ones within so long. */
const STRAGGLER_MS = 150_000
const SLOW_STRAGGLER_MS = 40 * 60_000

interface Route {
  readonly stamp: StampId
  readonly epoch: number
  /** Old homes, and until when the last client still comes there. */
  readonly leftAt: ReadonlyMap<string, number>
}

/** Regions of a few stamps behind the ports that change things: bindings, routes and minimums in memory, each effect told. */
/**
 * A re-bind fails before it takes effect, or after, with an answer that gets lost; somebody else is quicker and the catalog says
 * so, or does not answer; or somebody re-binds right after it was read back.
 */
export type Mishap = 'before' | 'after' | 'stolen' | 'taken' | 'robbed'

export class ModelRegion {
  readonly #fleet: Fleet
  readonly #nowMs: () => number
  readonly #tell: Listener
  readonly #bindings = new Map<ReplicaId, Binding>()
  readonly #routes = new Map<ReplicaId, Route>()
  readonly #minimums = new Map<string, number>()
  readonly slow = new Set<string>()
  /** What becomes of the next re-binds. */
  failing: Mishap[] = []
  /** Whom somebody else re-binds as soon as his own re-bind is on record. */
  readonly #robbed = new Set<string>()
  readonly bad = new Map<string, number>()
  /** So many of the next moves that are done make their destination bad, until one of its replicas is home again. */
  spoils = 0
  /** So many of the next ways home get no answer from the catalog, however often it is asked. */
  stuck = 0
  stuckCount = 0
  readonly #stuckKeys = new Set<string>()
  interlocks: Interlock[] = []

  constructor(fleet: Fleet, nowMs: () => number, tell: Listener) {
    this.#fleet = fleet
    this.#nowMs = nowMs
    this.#tell = tell
    for (const { name, replicas } of fleet.registries)
      for (const { region, homeStamp } of replicas) {
        const replica = replicaId(name, region)
        this.#bindings.set(replica, { replica, homeStamp, epoch: 1, lastMoveKey: null })
        this.#routes.set(replica, { stamp: homeStamp, epoch: 1, leftAt: new Map() })
      }
  }

  binding(replica: string): Binding | undefined {
    return [...this.#bindings.values()].find((one) => one.replica === replica)
  }

  bindings(): readonly Binding[] {
    return [...this.#bindings.values()]
  }

  routed(replica: string): string | undefined {
    return [...this.#routes].find(([id]) => id === replica)?.[1].stamp
  }

  /** When a stamp last had, or last will have had, a request of a replica that has left it. */
  servedUntilMs(replica: string, stamp: string): number {
    const route = [...this.#routes].find(([id]) => id === replica)?.[1]
    return route?.stamp === stamp ? Number.POSITIVE_INFINITY : (route?.leftAt.get(stamp) ?? 0)
  }

  bind(replica: ReplicaId, to: StampId, moveKey: string): Binding | undefined {
    const before = this.#bindings.get(replica)
    if (!before) return undefined
    const after = { replica, homeStamp: to, epoch: before.epoch + 1, lastMoveKey: moveKey }
    this.#bindings.set(replica, after)
    const { homeStamp: from } = before
    this.#tell({ kind: 'rebind', replica, from, to, epoch: after.epoch, moveKey }, this.#nowMs())
    return after
  }

  readonly catalog: Catalog = {
    fleet: async () => ({
      regions: this.#fleet.regions,
      registries: this.#fleet.registries.map((registry) => ({
        ...registry,
        replicas: registry.replicas.map((replica) => ({
          ...replica,
          homeStamp: this.binding(replicaId(registry.name, replica.region))?.homeStamp ?? replica.homeStamp,
        })),
      })),
    }),
    binding: async (replica) => this.#bindings.get(replica),
    bindings: async () => this.bindings(),
    rebind: async ({ replica, to, expectedEpoch, moveKey }) => {
      const before = this.#bindings.get(replica)
      if (!before) throw new Error(`${replica} is unknown`)
      if (this.#sticks(moveKey)) throw new Error('the catalog does not answer')
      const fails = this.failing.shift()
      if (fails === 'taken') this.bindByOthers(replica, before.homeStamp)
      if (fails === 'before' || fails === 'taken') throw new Error('the catalog did not answer')
      if (fails === 'robbed') this.#robbed.add(replica)
      if (fails === 'stolen') this.bindByOthers(replica, before.homeStamp)
      const now = this.#bindings.get(replica) ?? before
      if (now.lastMoveKey === moveKey) return { kind: 'alreadyBound', binding: now }
      if (now.epoch !== expectedEpoch) return { kind: 'stale', binding: now }
      const binding = this.bind(replica, to, moveKey) ?? before
      if (fails === 'after') throw new Error('the answer of the catalog got lost')
      return { kind: 'bound', binding }
    },
  }

  readonly traffic: Traffic = {
    route: async (replica) => {
      const stamp = this.#routes.get(replica)?.stamp
      return stamp && { stamp, ttlSeconds: TTL_SECONDS }
    },
    routes: async (region) =>
      [...this.#routes].flatMap(([replica, { stamp }]) =>
        replica.endsWith(`@${region}`) ? [{ replica, stamp }] : [],
      ),
    prepareRoute: async () => ({ readyInMs: 0 }),
    settleRoute: async () => {},
    setRoute: async ({ replica, to, moveKey, epoch }) => {
      const before = this.#routes.get(replica)
      if (!before || before.epoch > epoch) return 'stale'
      if (before.stamp === to) return 'routed'
      const goneMs = this.#nowMs() + (this.slow.has(replica) ? SLOW_STRAGGLER_MS : STRAGGLER_MS)
      const leftAt = new Map([...before.leftAt, [before.stamp, goneMs] as const])
      this.#routes.set(replica, { stamp: to, epoch, leftAt })
      this.#tell({ kind: 'route', replica, to, moveKey }, this.#nowMs())
      return 'routed'
    },
    residue: async (replica, stamp): Promise<Residue> => {
      const untilMs = this.servedUntilMs(replica, stamp)
      const nowMs = this.#nowMs()
      const isServed = nowMs < untilMs
      return {
        lastRequestAtMs: untilMs === 0 ? null : Math.min(nowMs, untilMs),
        inFlight: isServed ? 1 : 0,
        openUploads: 0,
        stragglers: isServed ? [{ kind: 'client', id: 'laggard' }] : [],
      }
    },
    warm: async (replica, stamp) => {
      this.#tell({ kind: 'warm', replica, stamp }, this.#nowMs())
      return { share: 1 }
    },
    pull: async (_replica, stamp) => ({ ok: !this.bad.has(stamp), latencyMs: 80 }),
  }

  readonly capacity: Capacity = {
    pools: async (stamp) =>
      this.#fleet.regions
        .flatMap(({ stamps }) => stamps)
        .filter(({ id }) => id === stamp)
        .flatMap(({ pools }) => pools)
        .map(({ role, maxNodes }) => {
          const minNodes = this.#minimums.get(stamp) ?? 1
          const nodes = { nodes: minNodes, readyNodes: minNodes, minNodes, maxNodes }
          return { role, ...nodes, epoch: 1, lastChangeKey: null }
        }),
    changeMinimum: () => Promise.reject(new Error('the model right-sizes nothing')),
    setMinimum: async ({ stamp, minNodes }) => {
      this.#minimums.set(stamp, minNodes)
      this.#tell({ kind: 'minimum', stamp, minNodes }, this.#nowMs())
    },
  }

  /** Whether a way home has been asked for that gets no answer. */
  get isStuck(): boolean {
    return this.#stuckKeys.size > 0
  }

  unstick(): void {
    this.stuck = 0
    this.#stuckKeys.clear()
  }

  /** Moves are numbered for each replica: every second one leads home. */
  #sticks(moveKey: string): boolean {
    const isBack = Number(moveKey.slice(moveKey.lastIndexOf('/') + 1)) % 2 === 0
    if (isBack && this.stuck > 0 && !this.#stuckKeys.has(moveKey)) {
      this.stuck -= 1
      this.#stuckKeys.add(moveKey)
      this.stuckCount += 1
    }
    return this.#stuckKeys.has(moveKey)
  }

  /** A customer wants one registry to stay where it is. */
  optOut(name: string): void {
    const registry = RegistryName.parse(name)
    const span = { region: 'here', fromMs: this.#nowMs(), untilMs: null }
    this.interlocks.push({ ...span, kind: 'opt-out', registry, words: `${name} opted out` })
  }

  rollOut(id: string): void {
    const span = { region: 'here', fromMs: this.#nowMs(), untilMs: null }
    this.interlocks.push({ ...span, kind: 'rollout', stamp: StampId.parse(id), words: `a rollout on ${id}` })
  }

  endInterlocks(): void {
    const untilMs = this.#nowMs()
    this.interlocks = this.interlocks.map((one) => (one.untilMs === null ? { ...one, untilMs } : one))
  }

  /** Called with what is on record of a move, whenever that has changed. */
  recorded({ replica, from, to, direction, steps, outcome }: MoveRecord): void {
    const last = steps.at(-1)
    if (last?.step === 'rebind' && last.kind === 'done' && this.#robbed.delete(replica))
      this.bindByOthers(replica, from)
    if (outcome?.kind !== 'done') return
    if (direction === 'reverse') this.bad.delete(from)
    else if (this.spoils > 0) {
      this.spoils -= 1
      this.bad.set(to, this.#nowMs())
    }
  }

  /** Somebody else binds a replica elsewhere, as they may at any time. */
  bindByOthers(replica: ReplicaId, to: StampId): void {
    this.bind(replica, to, `others/${replica}/${this.#bindings.get(replica)?.epoch}`)
  }
}
