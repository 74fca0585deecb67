import type { Plan } from '../../src/domain/plan.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import { TTL_SECONDS } from './model-region.ts'
import type { Seen } from './model-rules.ts'

const QUIET_MS = Math.max(30_000, 2 * TTL_SECONDS * 1000)
const MINUTE_MS = 60_000
const MS_OF: Readonly<Record<string, number>> = { PT5M: 5, PT20M: 20, PT30M: 30, PT1H: 60, PT2H: 120 }

function durationMs(text: string): number {
  const minutes = MS_OF[text]
  if (minutes === undefined) throw new Error(`the rules do not know how long ${text} is`)
  return minutes * MINUTE_MS
}

/** What a move's own record breaks: done without a pull or a drain, or drained while its old home still had traffic. */
export function moveProblems(
  { documents, region, setup }: Seen,
  move: MoveRecord,
  { before, atMs }: { readonly before: MoveRecord | undefined; readonly atMs: number },
): string[] {
  const has = (one: MoveRecord | undefined, step: string) =>
    one?.steps.some((each) => each.step === step && each.kind === 'done') ?? false
  const problems: string[] = []
  if (
    move.outcome?.kind === 'done' &&
    !['rebind', 'route', 'drain', 'verify'].every((step) => has(move, step))
  )
    problems.push(`${move.key} counts as done without all of its steps`)
  if (!has(move, 'drain') || has(before, 'drain')) return problems
  if (atMs - region.servedUntilMs(move.replica, move.from) >= QUIET_MS) return problems
  const forwarding = documents.of('forwardings', move.key)
  const routed = move.steps.find(({ step, kind }) => step === 'route' && kind === 'done')?.atMs
  const policy = setup.plans.find(({ id }) => id === move.planId)?.policy
  const deadlineMs = (routed ?? Number.POSITIVE_INFINITY) + durationMs(policy?.drainDeadline ?? '')
  const isForwarded = forwarding && forwarding.owner !== '' && forwarding.expiresAtMs > atMs
  if (!isForwarded || atMs < deadlineMs)
    problems.push(`${move.key} counts as drained while ${move.from} still serves ${move.replica}`)
  return problems
}

/** Which batches before a gate (null: all) have not been moved and observed to their end, unless people said so. */
export function batchProblems(
  { documents, setup }: Seen,
  planId: string,
  { upTo, atMs }: { readonly upTo: string | null; readonly atMs: number },
): string[] {
  const plan = setup.plans.find(({ id }) => id === planId)
  if (!plan) return [`${planId} is no plan`]
  const gates = gatesOf(plan)
  const before = upTo === null ? gates : gates.slice(0, gates.indexOf(upTo))
  const controls = documents.of('controls', planId)
  return before.flatMap((gate) => {
    const moves = plan.moves
      .filter((move) => `${move.phase}-${move.batch}` === gate)
      .filter(({ registry }) => !controls?.skips?.some((skip) => skip.registry === registry))
    if (moves.length === 0) return []
    const last = moves.map(({ registry }) =>
      documents.under('moves', `${planId}/${registry}@${plan.region}/`).at(-1),
    )
    if (last.some((move) => move?.direction !== 'forward' || move.outcome?.kind !== 'done'))
      return [`${planId} went on at ${upTo} before ${gate} was moved`]
    const doneMs = Math.max(...last.map((move) => move?.outcome?.atMs ?? 0))
    return isObserved({ documents, plan, gate, doneMs, atMs })
      ? []
      : [`${planId} went on at ${upTo ?? 'its end'} before ${gate} was observed`]
  })
}

function gatesOf(plan: Plan): string[] {
  return plan.phases.flatMap(({ name }) => [
    ...new Set(
      plan.moves
        .filter(({ phase }) => phase === name)
        .toSorted((a, b) => a.batch - b.batch)
        .map(({ batch }) => `${name}-${batch}`),
    ),
  ])
}

function isObserved(at: {
  readonly documents: Seen['documents']
  readonly plan: Plan
  readonly gate: string
  readonly doneMs: number
  readonly atMs: number
}): boolean {
  const { documents, plan, gate, doneMs, atMs } = at
  const orders = (documents.of('controls', plan.id)?.observations ?? []).filter(
    (one) => one.gate === gate && one.atMs >= doneMs,
  )
  const isEnded = orders.some((one) => one.set === 'end' && one.by !== plan.requestedBy && one.atMs <= atMs)
  const extendedMs = Math.max(
    0,
    ...orders.filter(({ set }) => set === 'extend').map(({ untilMs }) => untilMs),
  )
  const window = plan.phases.find(({ name }) => gate.startsWith(`${name}-`))?.observation ?? ''
  const untilMs = Math.max(doneMs + durationMs(window), extendedMs)
  const looks = documents.under('evaluations', `${plan.id}/${gate}/`).filter((look) => look.atMs >= doneMs)
  if (looks.some(({ verdict }) => verdict === 'worse')) return false
  return isEnded || looks.some((look) => look.verdict === 'betterOrEqual' && look.atMs >= untilMs)
}
