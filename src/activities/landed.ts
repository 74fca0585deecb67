import type { z } from 'zod'
import { ReplicaId, replicaId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { FailMove, HasPassed, ListDue, ListLanded, ReadOutline } from '../messages/activities.ts'
import { outlineOf } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { evaluationsOf } from '../queries/decisions.ts'
import { movesLeft } from '../queries/moves-left.ts'
import { isMade, lastAttempt } from '../queries/provisionings.ts'
import { amendMove, logStep } from './amend-move.ts'
import { loweringsPassed } from './lowering-limits.ts'
import { hasLanded, movesOf, openMove, STAGES } from './move-log.ts'
import { RecordMissing } from './record-faults.ts'

type LandedPorts = Pick<Ports, 'records' | 'clock' | 'catalog'>

async function planOf({ records }: Pick<Ports, 'records'>, planId: string, digest: string): Promise<Plan> {
  const plan = (await records.read('plans', planId))?.value
  if (plan?.digest !== digest) throw new RecordMissing(`there is no plan ${planId} with this digest`)
  return plan
}

export const createReadOutline =
  (ports: Pick<Ports, 'records' | 'metrics'>) =>
  async ({
    planId,
    digest,
  }: z.infer<typeof ReadOutline.input>): Promise<z.infer<typeof ReadOutline.output>> =>
    outlineOf(await planOf(ports, planId, digest), ports.metrics)

/** Which move each replica of a batch is to make: the forward one under way, or its next. */
export const createListDue =
  (ports: Pick<Ports, 'records'>) =>
  async ({
    planId,
    digest,
    gate,
  }: z.infer<typeof ListDue.input>): Promise<z.infer<typeof ListDue.output>> => {
    const replicas = []
    const plan = await planOf(ports, planId, digest)
    for (const { registry } of await movesLeft(ports, plan, gate)) {
      const replica = replicaId(registry, plan.region)
      const log = await movesOf(ports, planId, replica)
      const isForward = log.at(-1)?.value.direction === 'forward'
      replicas.push({ replica, sequence: log.length + (isForward ? 0 : 1) })
    }
    return { replicas }
  }

/** Which replicas are where the plan put them, last one first: what a reversal has to move back. */
export const createListLanded =
  (ports: LandedPorts) =>
  async ({
    planId,
    digest,
    gate,
  }: z.infer<typeof ListLanded.input>): Promise<z.infer<typeof ListLanded.output>> => {
    const landed = await landedOf(ports, await planOf(ports, planId, digest), gate)
    return {
      replicas: landed.map(({ move, sequence }) => ({
        replica: ReplicaId.parse(move.replica),
        gate: move.gate,
        sequence,
      })),
    }
  }

interface Landed {
  readonly move: MoveRecord
  readonly sequence: number
}

async function landedOf(ports: LandedPorts, plan: Plan, gate: string | null): Promise<Landed[]> {
  const landed: Landed[] = []
  for (const { registry } of plan.moves) {
    const replica = replicaId(registry, plan.region)
    const log = (await movesOf(ports, plan.id, replica)).map(({ value }) => value)
    const last = log.at(-1)
    if (!last || (gate !== null && last.gate !== gate)) continue
    const isOnItsWay = last.direction === 'reverse' && last.outcome?.kind !== 'done'
    const isThere = last.direction === 'forward' && hasLanded(await readBack(ports, last))
    if (!isOnItsWay && !isThere) continue
    // What somebody else has bound since is theirs to lead, and on record as such.
    const lastKey = (await ports.catalog.binding(replica))?.lastMoveKey
    if (!log.some(({ key }) => key === lastKey)) continue
    landed.push({ move: last, sequence: log.length + (isThere ? 1 : 0) })
  }
  return landed.toSorted(
    (a, b) => lastStepMs(b.move) - lastStepMs(a.move) || (a.move.replica < b.move.replica ? 1 : -1),
  )
}

/**
 * A re-bind whose outcome was never recorded may have taken effect: the binding knows, unless somebody else re-bound it since.
 * Where more re-binds followed than one, this move's may be among them: it counts as landed, so that it is never made twice.
 */
async function readBack(ports: LandedPorts, move: MoveRecord): Promise<MoveRecord> {
  const isIntended = move.steps.some(({ step, kind }) => step === 'rebind' && kind === 'intent')
  if (!isIntended || hasLanded(move)) return move
  const binding = await ports.catalog.binding(move.replica)
  if (!binding) return move
  const { homeStamp, epoch, lastMoveKey } = binding
  const isOwn = lastMoveKey === move.key
  if (!isOwn && (move.epoch === undefined || epoch <= move.epoch + 1)) return move
  const detail = isOwn
    ? `${homeStamp}, epoch ${epoch}, read back later`
    : `perhaps: no answer came, and from epoch ${move.epoch} it went to ${epoch}`
  return logStep(ports, move.key, { step: 'rebind', kind: 'done', detail })
}

/** A batch has passed when its last look was the final one, better or equal, and came after all its moves. */
export const createHasPassed =
  (ports: LandedPorts) =>
  async ({
    planId,
    digest,
    gate,
  }: z.infer<typeof HasPassed.input>): Promise<z.infer<typeof HasPassed.output>> => {
    const plan = await planOf(ports, planId, digest)
    const seen = (await evaluationsOf(ports, planId, gate)).toSorted((a, b) => a.atMs - b.atMs).at(-1)
    if (gate === 'provision-1') return { passed: isMade(await lastAttempt(ports, planId)) }
    if (plan.lowerings) {
      if (!seen) return { passed: false }
      return loweringsPassed(ports, plan, { gate, seen, ended: await wasEnded(ports, planId, seen) })
    }
    if (seen?.verdict === 'worse') {
      const landed = await landedOf(ports, plan, gate)
      const isHarmful = landed.some(({ move }) => (move.steps[0]?.atMs ?? 0) <= seen.atMs)
      return { passed: false, ...(isHarmful ? { worse: seen.words } : {}) }
    }
    const moves = await movesLeft(ports, plan, gate)
    if (moves.length === 0) return { passed: true }
    if (!seen?.final || (seen.verdict !== 'betterOrEqual' && !(await wasEnded(ports, planId, seen))))
      return { passed: false }
    for (const { registry } of moves) {
      const last = (await movesOf(ports, planId, replicaId(registry, plan.region))).at(-1)?.value
      const done =
        last?.direction === 'forward' && last.outcome?.kind === 'done' && last.outcome.atMs <= seen.atMs
      if (!done) return { passed: false }
    }
    return { passed: true }
  }

/** A look that a person's order to end the observation made the last one. */
async function wasEnded(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  { gate, atMs }: { readonly gate: string; readonly atMs: number },
): Promise<boolean> {
  const controls = (await records.read('controls', planId))?.value
  const last = controls?.observations?.filter((order) => order.gate === gate).at(-1)
  return last?.set === 'end' && last.atMs <= atMs
}

function lastStepMs(move: { readonly steps: readonly { readonly atMs: number }[] }): number {
  return move.steps.at(-1)?.atMs ?? 0
}

/**
 * Records that a move failed. One that bound its replica elsewhere before is to be undone, and the answer names the move for it,
 * unless somebody else has bound the replica since: then it is theirs to lead.
 */
export const createFailMove =
  (ports: LandedPorts) =>
  async ({ reason, ...step }: z.infer<typeof FailMove.input>): Promise<z.infer<typeof FailMove.output>> => {
    const opened = await openMove(ports, step, STAGES.fail)
    if (opened.kind !== 'open' || opened.move.outcome?.kind === 'done') return { kind: 'recorded' }
    const seen = await readBack(ports, opened.move)
    const move = await amendMove(ports, seen.key, (stored) =>
      stored.outcome ? stored : { ...stored, outcome: { kind: 'failed', atMs: ports.clock.nowMs(), reason } },
    )
    const hasFailed = move.outcome?.kind === 'failed' && move.direction === 'forward' && hasLanded(move)
    const isOurs = hasFailed && (await ports.catalog.binding(move.replica))?.lastMoveKey === move.key
    return { kind: 'recorded', ...(isOurs ? { goBack: sequenceOf(move) + 1 } : {}) }
  }

function sequenceOf({ key }: MoveRecord): number {
  return Number(key.slice(key.lastIndexOf('/') + 1))
}
