import type { z } from 'zod'
import { giveBack } from '../domain/budget.ts'
import type { PlanId } from '../domain/ids.ts'
import {
  type Hold,
  holdWords,
  type LeaseBook,
  resourcesOf,
  type Taking,
  takeLeases,
  withoutHolds,
} from '../domain/leases.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import { hasEnded, type MoveRecord, type RunStatus } from '../domain/run.ts'
import type { TakeLeases } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import type { Passage } from './guard.ts'
import { RecordBusy, RecordMissing } from './record-faults.ts'

type Needs = Pick<Ports, 'records' | 'clock'>

const WRITES_MAX = 8
/** A lease is written anew only when that changes its time by so much. */
const RENEW_MS_MIN = 600_000

/** Changes a region's leases by what they are now; a change that returns the same book writes nothing. */
async function amendLeases(
  { records }: Pick<Ports, 'records'>,
  region: string,
  change: (book: LeaseBook) => LeaseBook,
): Promise<LeaseBook> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('leases', region)
    const before = stored?.value ?? { region, fence: 0, holds: [] }
    const after = change(before)
    if (after === before) return after
    const answer = stored
      ? await records.replace('leases', region, after, stored.etag)
      : await records.create('leases', region, after)
    if (answer === 'replaced' || answer === 'created') return after
  }
  throw new RecordBusy(`the leases of ${region} were written by others ${WRITES_MAX} times in a row`)
}

/** At a run's start, before anybody is asked; where others hold some of it, the batch waits for them when its time has come. */
export const createTakeLeases =
  (ports: Needs) =>
  async ({
    planId,
    digest,
  }: z.infer<typeof TakeLeases.input>): Promise<z.infer<typeof TakeLeases.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest) throw new RecordMissing(`plan ${planId} is not on record as it was started`)
    return { kind: (await takePlanLeases(ports, plan)).kind }
  }

/** Takes all that a plan needs, or says who holds it. An emergency takes over from routine plans that have no move under way. */
export async function takePlanLeases(ports: Needs, plan: Plan): Promise<Taking> {
  const resources = resourcesOf(plan)
  const taking = await take(ports, plan, resources)
  if (taking.kind === 'taken') return taking
  const free = await givenUp(ports, plan, taking.by)
  if (free.length < taking.by.length) return taking
  await amendLeases(ports, plan.region, (book) => withoutHolds(book, free))
  return take(ports, plan, resources)
}

async function take(ports: Needs, plan: Plan, resources: readonly string[]): Promise<Taking> {
  const atMs = ports.clock.nowMs()
  const ask = {
    ...{ planId: plan.id, urgency: plan.urgency ?? 'routine', resources, atMs },
    untilMs: atMs + (durationMs(plan.policy.leaseFor) ?? 0),
  }
  let taking: Taking | undefined
  await amendLeases(ports, plan.region, (book) => {
    taking = takeLeases(book, ask)
    return taking.kind === 'taken' ? taking.book : book
  })
  if (!taking) throw new RecordBusy(`the leases of ${plan.region} were not looked at`)
  return taking
}

/**
 * Which holders give way: whose run has ended, and for an emergency, routine plans that have come to a border, with nothing
 * of theirs being moved. A hold of theirs is on record first, so that none begins to move while its lease changes hands.
 */
async function givenUp(ports: Needs, plan: Plan, holds: readonly Hold[]): Promise<string[]> {
  const free: string[] = []
  for (const { planId, urgency } of holds) {
    const preempts = plan.urgency === 'emergency' && urgency === 'routine'
    if (preempts)
      await holdFor(ports, planId, `preempted by emergency plan ${plan.id}; resume once that has ended`)
    const status = (await ports.records.read('runs', planId))?.value.status
    const isMoving = status?.kind === 'moving' || status?.kind === 'reversing'
    if ((status && hasEnded(status)) || (preempts && !isMoving)) free.push(planId)
  }
  return free
}

async function holdFor({ records, clock }: Needs, planId: PlanId, reason: string): Promise<void> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('controls', planId)
    if (!stored || stored.value.hold) return
    const controls = { ...stored.value, hold: { by: 'restamp', reason, atMs: clock.nowMs() } }
    if ((await records.replace('controls', planId, controls, stored.etag)) === 'replaced') return
  }
  throw new RecordBusy(`controls of ${planId} were written by others ${WRITES_MAX} times in a row`)
}

/** Gives a run's leases the time that its present wait may take, no more where no time ends it, or gives back all that it holds once it has ended. */
export async function keepLeases(
  ports: Pick<Ports, 'records'>,
  planId: PlanId,
  now: { readonly atMs: number; readonly status: RunStatus; readonly untilMs: number | null },
): Promise<void> {
  const plan = (await ports.records.read('plans', planId))?.value
  if (!plan) return
  if (hasEnded(now.status)) {
    await amendLeases(ports, plan.region, (book) =>
      book.holds.some((hold) => hold.planId === planId) ? withoutHolds(book, [planId]) : book,
    )
    await giveBudgetBack(ports, plan)
    return
  }
  const untilMs = Math.max(now.atMs, now.untilMs ?? 0) + (durationMs(plan.policy.leaseFor) ?? 0)
  await amendLeases(ports, plan.region, (book) => {
    const mine = book.holds.find((hold) => hold.planId === planId)
    if (!mine || Math.abs(mine.untilMs - untilMs) < RENEW_MS_MIN) return book
    return { ...book, holds: book.holds.map((hold) => (hold === mine ? { ...hold, untilMs } : hold)) }
  })
}

async function giveBudgetBack({ records }: Pick<Ports, 'records'>, plan: Plan): Promise<void> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('budgets', plan.region)
    const book = stored && giveBack(stored.value, plan.id)
    if (!stored || !book || book.spent.length === stored.value.spent.length) return
    if ((await records.replace('budgets', plan.region, book, stored.etag)) === 'replaced') return
  }
}

export type Fenced = { readonly kind: 'open'; readonly fence: number } | Exclude<Passage, { kind: 'open' }>

/**
 * The fence under which a plan may touch one replica or pool now. Going forth takes what the run was given; a way back takes its
 * lease anew where it has lapsed. A lease that is over but that nobody else took is renewed on the spot.
 */
export async function fenceFor(
  ports: Needs,
  plan: Plan,
  { resource, direction }: { readonly resource: string; readonly direction: MoveRecord['direction'] },
): Promise<Fenced> {
  const book = (await ports.records.read('leases', plan.region))?.value
  const mine = book?.holds.find(({ planId }) => planId === plan.id)
  const holds = mine?.resources.includes(resource) ?? false
  if (mine && holds && mine.untilMs > ports.clock.nowMs()) return { kind: 'open', fence: mine.fence }
  if (!holds && direction === 'forward')
    return {
      kind: 'refused',
      reason: `${plan.id} does not hold the lease of ${resource}; its run has to be admitted first`,
    }
  const taking = await take(ports, plan, [resource])
  if (taking.kind === 'taken') return { kind: 'open', fence: taking.hold.fence }
  return { kind: 'paused', reason: taking.by.map(holdWords).join('; ') }
}
