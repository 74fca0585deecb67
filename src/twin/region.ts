import type { Fleet } from '../domain/fleet.ts'
import { partsOf, type ReplicaId, replicaId } from '../domain/ids.ts'
import type { Binding } from '../ports/catalog.ts'
import type { Clock } from '../ports/clock.ts'
import { type EffectBody, type EffectLog, TwinFault } from './effect-log.ts'
import { type MadeStamp, withMadeStamps } from './made-stamps.ts'
import { cachingOf, type Routing } from './routing.ts'

export interface MinimumChange {
  readonly atMs: number
  readonly stamp: string
  readonly role: string
  readonly minNodes: number
  readonly changeKey: string | null
}

/** A fault and when it was injected. */
export interface ActiveFault {
  readonly atMs: number
  readonly fault: TwinFault
}

/** What has been done to the region so far, read from its effect log: bindings, routes, minimums and faults. */
export class Region {
  readonly #fleet: Fleet
  readonly #log: EffectLog
  readonly #clock: Clock
  readonly #beginsMs: number
  readonly #seed: number
  readonly #bindings = new Map<string, Binding>()
  readonly #routings = new Map<string, Routing>()
  readonly #warmed = new Map<string, number>()
  /** By stamp; of several of one name the last. */
  readonly #made = new Map<string, MadeStamp>()
  #failedMakes = 0
  readonly #onEffect: ((body: EffectBody, atMs: number) => void)[] = []
  readonly minimums: MinimumChange[] = []
  readonly faults: ActiveFault[] = []

  constructor(parts: {
    readonly fleet: Fleet
    readonly log: EffectLog
    readonly clock: Clock
    readonly beginsMs: number
    readonly seed: number
  }) {
    this.#fleet = parts.fleet
    this.#log = parts.log
    this.#clock = parts.clock
    this.#beginsMs = parts.beginsMs
    this.#seed = parts.seed
    for (const { name, replicas } of parts.fleet.registries) {
      for (const { region, homeStamp } of replicas) {
        const replica = replicaId(name, region)
        this.#bindings.set(replica, { replica, homeStamp, epoch: 1, lastMoveKey: null })
        this.#routings.set(replica, {
          home: homeStamp,
          changes: [],
          caching: cachingOf(replica, this.#seed, 'normal'),
        })
      }
    }
    for (const effect of this.#log.effects) this.#apply(effect.body, effect.atMs)
  }

  /** Never before the twin's beginning. */
  nowMs(): number {
    return Math.max(this.#beginsMs, this.#clock.nowMs())
  }

  binding(replica: ReplicaId): Binding | undefined {
    return this.#bindings.get(replica)
  }

  bindings(): Binding[] {
    return [...this.#bindings.values()]
  }

  /** Each replica of a region with its routing. */
  routings(region: string): (readonly [ReplicaId, Routing])[] {
    return this.bindings().flatMap(({ replica }) => {
      const routing = partsOf(replica).region === region ? this.#routings.get(replica) : undefined
      return routing ? [[replica, routing] as const] : []
    })
  }

  routing(replica: string): Routing | undefined {
    return this.#routings.get(replica)
  }

  /** Records an effect, then lets it happen. Effects are in order of time. */
  do(body: EffectBody): void {
    const atMs = Math.max(this.nowMs(), this.#log.effects.at(-1)?.atMs ?? 0)
    this.#log.append({ atMs, body })
    this.#apply(body, atMs)
    for (const listener of this.#onEffect) listener(body, atMs)
  }

  /** Calls `listener` after each new effect. */
  onEffect(listener: (body: EffectBody, atMs: number) => void): void {
    this.#onEffect.push(listener)
  }

  inject(fault: TwinFault): void {
    this.do({ kind: 'fault', fault: TwinFault.parse(fault) })
  }

  /** Whether the next re-bind of a replica is to fail: as often as injected, less the failures so far. */
  rebindFails(replica: ReplicaId): boolean {
    const failures = this.#log.effects.filter(
      ({ body }) => body.kind === 'rebindFailed' && body.replica === replica,
    ).length
    const allFailures = this.#log.effects.filter(({ body }) => body.kind === 'rebindFailed').length
    let ofReplica = 0
    let ofAny = 0
    for (const { fault } of this.faults) {
      if (fault.kind !== 'rebind-fails') continue
      if (fault.replica === undefined) ofAny += fault.times
      else if (fault.replica === replica) ofReplica += fault.times
    }
    return failures < ofReplica || allFailures < ofAny
  }

  /** When a stamp's cache last began to be filled for a replica; undefined for never. */
  warmedMs(replica: ReplicaId, stamp: string): number | undefined {
    return this.#warmed.get(`${replica} ${stamp}`)
  }

  /** What was made under a stamp's name, if anything was. */
  made(stamp: string): MadeStamp | undefined {
    return this.#made.get(stamp)
  }

  /** The fleet as it is now, with the stamps that were made. */
  fleet(): Fleet {
    return withMadeStamps(this.#fleet, [...this.#made.values()], this.nowMs())
  }

  /** How many times hotter than it would be a stamp runs at an instant. */
  heatOf(stamp: string, atMs: number): number {
    let factor = 1
    for (const { fault, atMs: sinceMs } of this.faults) {
      if (fault.kind !== 'destination-worse' || fault.stamp !== stamp) continue
      if (atMs >= sinceMs && atMs < (fault.untilMs ?? Number.POSITIVE_INFINITY)) factor *= fault.factor
    }
    return factor
  }

  /** Whether a stamp's telemetry is lost at an instant. */
  isSilent(stamp: string, atMs: number): boolean {
    return this.faults.some(
      ({ fault }) =>
        fault.kind === 'silent-source' &&
        fault.stamp === stamp &&
        atMs >= fault.fromMs &&
        atMs < fault.untilMs,
    )
  }

  close(): void {
    this.#log.close()
  }

  #apply(body: EffectBody, atMs: number): void {
    switch (body.kind) {
      case 'rebind': {
        const { replica, to, epoch, moveKey } = body
        this.#bindings.set(replica, { replica, homeStamp: to, epoch, lastMoveKey: moveKey })
        return
      }
      case 'route':
        this.#reroute(body, atMs)
        return
      case 'minimum':
        this.minimums.push({ ...body, atMs, changeKey: body.changeKey ?? null })
        return
      case 'fault':
        this.faults.push({ atMs, fault: body.fault })
        if (body.fault.kind === 'slow-drain') this.#slowDown(body.fault.replica)
        return
      case 'rebindFailed':
        return
      case 'provision':
        this.#make(body.wanted, atMs)
        return
      case 'activate':
        this.#amendMade(body.stamp, { activeMs: atMs })
        return
      case 'unprovision':
        this.#amendMade(body.stamp, { removedMs: atMs })
        return
      case 'warm':
        this.#warmed.set(`${body.replica} ${body.stamp}`, atMs)
        return
      default:
        body satisfies never
    }
  }

  #make(wanted: MadeStamp['wanted'], atMs: number): void {
    const failures = this.faults.reduce(
      (sum, { fault }) => sum + (fault.kind === 'provisioning-fails' ? fault.times : 0),
      0,
    )
    const fails = this.#failedMakes < failures
    if (fails) this.#failedMakes += 1
    this.#made.set(wanted.stamp, { wanted, atMs, fails, activeMs: null, removedMs: null })
  }

  #amendMade(stamp: string, change: Partial<MadeStamp>): void {
    const made = this.#made.get(stamp)
    if (made) this.#made.set(stamp, { ...made, ...change })
  }

  #reroute({ replica, to, epoch = 0 }: Extract<EffectBody, { kind: 'route' }>, atMs: number): void {
    const routing = this.#routings.get(replica)
    if (!routing) return
    const changes = [...routing.changes, { atMs, to, epoch, caching: routing.caching }]
    this.#routings.set(replica, { ...routing, changes })
  }

  #slowDown(replica: ReplicaId): void {
    const routing = this.#routings.get(replica)
    if (routing) {
      this.#routings.set(replica, { ...routing, caching: cachingOf(replica, this.#seed, 'slow') })
    }
  }
}
