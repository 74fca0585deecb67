import type { Hold, LeaseBook } from '../../src/domain/leases.ts'
import { ENDED, type MoveRecord, type Run } from '../../src/domain/run.ts'
import { AUTONOMY, autonomyProblems } from './model-autonomy-rules.ts'
import { beginProblems, windowProblems } from './model-begin-rules.ts'
import { leaseTakers, untrueWords } from './model-border-rules.ts'
import { effectProblems, frozen } from './model-effect-rules.ts'
import type { Documents, Entry } from './model-journal.ts'
import { batchProblems, moveProblems } from './model-observation-rules.ts'
import type { ModelRegion } from './model-region.ts'
import type { Setup } from './model-setup.ts'

/** A route may differ from its binding for so long: a cutover is between the two. */
const ROUTE_GRACE_MS = 60_000

export interface Seen {
  readonly documents: Documents
  readonly region: ModelRegion
  readonly setup: Setup
  /** Forward moves in the order in which they began. */
  readonly begun: {
    readonly key: string
    readonly atMs: number
    readonly region: string
    readonly stamp: string
    readonly percent: number
  }[]
}

/** How often what a course is to provoke has happened. */
export interface Happened {
  reversals: number
  moves: number
  expiredGates: number
  preemptions: number
  optOuts: number
  openedGates: number
}

/** What must always hold, told anew from documents and effects alone: it calls nothing of what it judges. */
export class Rules {
  readonly happened: Happened = {
    reversals: 0,
    moves: 0,
    expiredGates: 0,
    preemptions: 0,
    optOuts: 0,
    openedGates: 0,
  }
  readonly #seen: Seen
  readonly #broken: string[] = []
  readonly #keys = new Set<string>()
  readonly #reboundMs = new Map<string, number>()
  readonly #held = new Map<string, Hold>()
  /** By replica: whether somebody else re-bound it since its move began. */
  readonly #taken = new Map<string, boolean>()

  constructor(parts: Omit<Seen, 'begun'>) {
    this.#seen = { ...parts, begun: [] }
  }

  /** Whether any move has begun and has no outcome yet. */
  isMoving(): boolean {
    return this.#seen.documents.under('moves', '').some(({ outcome }) => outcome === null)
  }

  heard(entry: Entry, atMs: number): void {
    if (entry.kind === 'write') this.#written(entry, atMs)
    else this.#done(entry, atMs)
  }

  /** Called where the reconciler has just come by: routes lead where replicas are bound. */
  reconciled(nowMs: number): void {
    for (const { replica, homeStamp } of this.#seen.region.bindings()) {
      const isFresh = nowMs - (this.#reboundMs.get(replica) ?? 0) <= ROUTE_GRACE_MS
      const route = this.#seen.region.routed(replica)
      if (route === homeStamp || isFresh || frozen(this.#seen.documents, replica.split('@')[1] ?? ''))
        continue
      this.#broken.push(`${replica} is bound to ${homeStamp} and routed to ${route}`)
    }
  }

  mustHold(after: string): void {
    if (this.#broken.length === 0) return
    throw new Error(`after ${after}: ${[...new Set(this.#broken)].join('; ')}`)
  }

  #done(entry: Exclude<Entry, { kind: 'write' }>, atMs: number): void {
    const problems = effectProblems(this.#seen, entry, atMs)
    if (entry.kind === 'rebind') {
      if (this.#keys.has(entry.moveKey)) problems.push(`${entry.moveKey} took effect a second time`)
      this.#keys.add(entry.moveKey)
      this.#reboundMs.set(entry.replica, atMs)
      const isOwn = !entry.moveKey.startsWith('others/')
      if (isOwn && this.#taken.get(entry.replica))
        problems.push(`${entry.moveKey} took effect though somebody else had re-bound since it began`)
      this.#taken.set(entry.replica, !isOwn)
      const move = this.#seen.documents.of('moves', entry.moveKey)
      if (move) this.happened[move.direction === 'forward' ? 'moves' : 'reversals'] += 1
    }
    this.#broken.push(...problems)
  }

  #written({ collection, id, before }: Extract<Entry, { kind: 'write' }>, atMs: number): void {
    const { documents } = this.#seen
    if (collection === 'moves') this.#moveWritten(id, before as MoveRecord | undefined, atMs)
    if (collection === 'runs') this.#runWritten(id, before as Run | undefined, atMs)
    if (collection === 'leases') {
      const was = { region: id, before: before as LeaseBook | undefined, atMs, last: this.#held }
      this.#broken.push(...leaseTakers(documents, was))
    }
    if (collection === 'decisions') {
      const decision = documents.of('decisions', id)
      if (decision?.by === AUTONOMY) this.happened.openedGates += 1
      if (decision) this.#broken.push(...autonomyProblems(this.#seen, decision))
    }
    if (collection === 'controls' && before) {
      const was = before as { hold: unknown }
      const hold = documents.of('controls', id)?.hold
      if (!was.hold && hold?.reason.startsWith('preempted')) this.happened.preemptions += 1
    }
  }

  #moveWritten(key: string, before: MoveRecord | undefined, atMs: number): void {
    const move = this.#seen.documents.of('moves', key)
    if (!move) return
    const isBegun = before === undefined || (before.outcome?.kind === 'failed' && move.outcome === null)
    if (isBegun) this.#taken.set(move.replica, false)
    if (isBegun && move.direction === 'forward')
      this.#broken.push(...beginProblems(this.#seen, move, { atMs, isAnew: before !== undefined }))
    if (isBegun && move.direction === 'forward')
      this.#broken.push(...batchProblems(this.#seen, move.planId, { upTo: move.gate, atMs }))
    const isFirstStep = before?.steps.length === 0 && move.steps.length > 0
    if (isFirstStep && move.direction === 'forward')
      this.#broken.push(...windowProblems(this.#seen, move, atMs))
    this.#broken.push(...moveProblems(this.#seen, move, { before, atMs }))
  }

  #runWritten(id: string, before: Run | undefined, atMs: number): void {
    const run = this.#seen.documents.of('runs', id)
    if (!run) return
    const [was, now] = [before?.status, run.status]
    if (was && ENDED.some((kind) => kind === was.kind)) {
      if (was.kind !== now.kind) this.#broken.push(`${id} had ended as ${was.kind} and is ${now.kind} now`)
      return
    }
    this.#broken.push(...untrueWords(this.#seen, run, this.#keys))
    if (now.kind === 'completed') this.#broken.push(...batchProblems(this.#seen, id, { upTo: null, atMs }))
    if (was?.kind === 'awaitingApproval' && now.kind === 'held' && atMs >= was.untilMs)
      this.happened.expiredGates += 1
    if (now.kind === 'blocked' && was?.kind !== 'blocked' && now.reason.includes('opted out'))
      this.happened.optOuts += 1
  }
}
