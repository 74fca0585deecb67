import type { z } from 'zod'
import { type BudgetBook, limitsOf, spend, type Wanted } from '../domain/budget.ts'
import { isSkipped } from '../domain/controls.ts'
import { partsOf, type ReplicaId } from '../domain/ids.ts'
import { type Interlock, interlockAgainst, interlockWords } from '../domain/interlocks.ts'
import { holdWords } from '../domain/leases.ts'
import { type Batch, batchesOf, isMovePhase, type Plan } from '../domain/plan.ts'
import { switchAgainst, switchWords } from '../domain/switches.ts'
import type { AdmitMoves } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { switchesOver } from '../queries/switches.ts'
import { takePlanLeases } from './leases.ts'
import { moveKey, movesOf } from './move-log.ts'
import { RecordBusy } from './record-faults.ts'
import { closed } from './start-rules.ts'

type Input = z.infer<typeof AdmitMoves.input>
type Answer = z.infer<typeof AdmitMoves.output>
type Blocked = Extract<Answer, { kind: 'blocked' }>
type Needs = Pick<Ports, 'records' | 'clock' | 'catalog' | 'interlocks'>

const WRITES_MAX = 8

/** Says which of a batch's replicas may begin to move now, or what keeps all of them. Reads everything anew each time. */
export const createAdmitMoves =
  (ports: Needs) =>
  async ({ planId, digest, gate, replicas: asked }: Input): Promise<Answer> => {
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest)
      return { kind: 'refused', reason: `plan ${planId} has another digest than was approved` }
    const batch = batchesOf(plan).find((each) => each.gate === gate)
    if (batch && !isMovePhase(batch.phase)) return admitWithoutMoves(ports, plan, batch)
    const controls = (await ports.records.read('controls', planId))?.value
    const replicas = asked.filter((replica) => !(controls && isSkipped(controls, partsOf(replica).registry)))
    if (replicas.length === 0) return { kind: 'admitted', replicas }
    return (
      (await switchedOff(ports, plan)) ??
      closed(ports, plan) ??
      (await leased(ports, plan)) ??
      (await interlocked(ports, plan, replicas))
    )
  }

/** Lowered minimums and a new stamp take what moves take but for the budget, which counts moves. */
async function admitWithoutMoves(ports: Needs, plan: Plan, { lowerings }: Batch): Promise<Answer> {
  const blocked = (await switchedOff(ports, plan)) ?? closed(ports, plan) ?? (await leased(ports, plan))
  if (blocked) return blocked
  const atMs = ports.clock.nowMs()
  const inForce = await ports.interlocks.between({ region: plan.region, fromMs: atMs, toMs: atMs })
  const stamps = lowerings.map(({ stamp }) => stamp)
  const against = interlockAgainst(inForce, { registry: '', customer: '', stamps }, atMs)
  return against ? interlockBlocks(against, '') : { kind: 'admitted', replicas: [] }
}

async function switchedOff(ports: Needs, plan: Plan): Promise<Blocked | undefined> {
  const against = switchAgainst(await switchesOver(ports, plan.region), 'newMove')
  return (
    against && { kind: 'blocked', rule: 'switch', reason: switchWords(against), untilMs: null, person: true }
  )
}

/** Takes the plan's leases, all or none. */
async function leased(ports: Needs, plan: Plan): Promise<Blocked | undefined> {
  const taking = await takePlanLeases(ports, plan)
  if (taking.kind === 'taken') return undefined
  const reason = taking.by.map(holdWords).join('; ')
  return { kind: 'blocked', rule: 'lease', reason, untilMs: null, person: false }
}

/** Leaves out what an interlock speaks against; blocked are the moves where it does of all. Where none can be told it throws. */
async function interlocked(ports: Needs, plan: Plan, replicas: readonly ReplicaId[]): Promise<Answer> {
  const atMs = ports.clock.nowMs()
  const inForce = await ports.interlocks.between({ region: plan.region, fromMs: atMs, toMs: atMs })
  const customers = new Map(
    inForce.length > 0
      ? (await ports.catalog.fleet()).registries.map((each) => [each.name, each.customer])
      : [],
  )
  const against = replicas.map((replica) => {
    const { registry } = partsOf(replica)
    const move = plan.moves.find((each) => each.registry === registry)
    const stamps = move ? [move.from, move.to] : []
    return interlockAgainst(inForce, { registry, customer: customers.get(registry) ?? '', stamps }, atMs)
  })
  const free = replicas.filter((_, at) => against[at] === undefined)
  const [first] = against.filter((each) => each !== undefined)
  if (free.length > 0 || !first) return withinBudget(ports, plan, free)
  return interlockBlocks(first, first.kind === 'opt-out' ? '; skip it, or wait' : '')
}

function interlockBlocks(interlock: Interlock, hint: string): Blocked {
  const { untilMs } = interlock
  const reason = `${interlockWords(interlock)}${hint}`
  return { kind: 'blocked', rule: 'interlock', reason, untilMs, person: untilMs === null }
}

/** Spends the region's budget, by one conditional write, on as many moves as it allows. */
async function withinBudget(ports: Needs, plan: Plan, replicas: readonly ReplicaId[]): Promise<Answer> {
  const asked = await Promise.all(replicas.map((replica) => wantedBy(ports, plan, replica)))
  const wanted = asked.flatMap(({ move }) => move ?? [])
  const limits = limitsOf(plan)
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await ports.records.read('budgets', plan.region)
    const before: BudgetBook = stored?.value ?? { region: plan.region, spent: [] }
    const { book, granted, nextAtMs, words } = spend(before, wanted, { limits, atMs: ports.clock.nowMs() })
    const may = asked.flatMap(({ replica, move }) => (!move || granted.includes(move.key) ? [replica] : []))
    if (may.length === 0)
      return { kind: 'blocked', rule: 'budget', reason: words, untilMs: nextAtMs, person: false }
    const answer = stored
      ? await ports.records.replace('budgets', plan.region, book, stored.etag)
      : await ports.records.create('budgets', plan.region, book)
    if (answer === 'replaced' || answer === 'created') return { kind: 'admitted', replicas: may }
  }
  throw new RecordBusy(`the budget of ${plan.region} was written by others ${WRITES_MAX} times in a row`)
}

/** What a replica's next move would take of the budget; nothing where it has begun already. */
async function wantedBy(
  ports: Needs,
  plan: Plan,
  replica: ReplicaId,
): Promise<{ readonly replica: ReplicaId; readonly move?: Wanted }> {
  const { registry } = partsOf(replica)
  const move = plan.moves.find((each) => each.registry === registry)
  const log = await movesOf(ports, plan.id, replica)
  if (!move || log.at(-1)?.value.direction === 'forward') return { replica }
  const key = moveKey(plan.id, replica, log.length + 1)
  return { replica, move: { key, stamp: move.from, percent: move.share * 100 } }
}
