import type { Plan } from '../../src/domain/plan.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import { decisionProblems, switchOf } from './model-effect-rules.ts'
import type { Seen } from './model-rules.ts'

const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

/** What a forward move that begins, or begins anew, breaks: calendar, switch, hold, gate, budget, cap, interlock. */
export function beginProblems(
  seen: Seen,
  move: MoveRecord,
  { atMs, isAnew }: { readonly atMs: number; readonly isAnew: boolean },
): string[] {
  const { documents, setup } = seen
  const plan = setup.plans.find(({ id }) => id === move.planId)
  if (!plan) return [`${move.key} belongs to no plan`]
  const who = `${move.replica} began under ${plan.id}`
  const problems: string[] = []
  problems.push(...windowProblems(seen, move, atMs))
  for (const scope of ['*', plan.region]) {
    const setting = switchOf(documents, scope)?.setting ?? 'off'
    if (setting !== 'off') problems.push(`${who} under ${setting}`)
  }
  // What began as Restamp itself held the run had read its orders a moment before; its re-bind reads them anew.
  const hold = documents.of('controls', plan.id)?.hold
  if (hold && !(hold.by === 'restamp' && hold.atMs === atMs)) problems.push(`${who} while it is held`)
  problems.push(...decisionProblems(documents, plan, { gate: move.gate, atMs }))
  problems.push(...capProblems(seen, plan), ...interlockProblems(seen, move))
  if (isAnew) return problems
  const share = plan.moves.find(({ registry }) => move.replica.startsWith(`${registry}@`))?.share ?? 0
  seen.begun.push({ key: move.key, atMs, region: plan.region, stamp: move.from, percent: share * 100 })
  return [
    ...problems,
    ...(plan.urgency === 'emergency' ? [] : budgetProblems(seen, plan, { atMs, stamp: move.from })),
  ]
}

/** Also the first step of a move that waited for its turn is a beginning. */
export function windowProblems({ setup }: Seen, { planId, replica }: MoveRecord, atMs: number): string[] {
  const plan = setup.plans.find(({ id }) => id === planId)
  return plan && isShut(plan, atMs)
    ? [`${replica} began under ${planId} outside the windows, at ${new Date(atMs).toISOString()}`]
    : []
}

function isShut({ policy, urgency }: Plan, atMs: number): boolean {
  if (urgency === 'emergency') return false
  const minute = (atMs / MINUTE_MS) % (24 * 60)
  const at = (time: string) => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
  return !policy.windows.some(({ from, to }) => minute >= at(from) && minute < at(to))
}

function budgetProblems(
  { begun }: Seen,
  { region, policy: { budgets } }: Plan,
  { atMs, stamp }: { readonly atMs: number; readonly stamp: string },
): string[] {
  const within = (ms: number) => begun.filter((one) => one.region === region && one.atMs > atMs - ms)
  const problems: string[] = []
  for (const [words, ms, movesMax, percentMax] of [
    ['an hour', HOUR_MS, budgets.movesPerHour, budgets.percentPerHour],
    ['a day', 24 * HOUR_MS, budgets.movesPerDay, budgets.percentPerDay],
  ] as const) {
    const moves = within(ms)
    if (moves.length > movesMax) problems.push(`${moves.length} moves in ${words}, at most ${movesMax}`)
    const here = moves.filter((one) => one.stamp === stamp)
    const percent = here.reduce((sum, one) => sum + one.percent, 0)
    if (here.length > 1 && percent > percentMax + 1e-9)
      problems.push(`${percent} % of ${stamp} in ${words}, at most ${percentMax}`)
  }
  return problems
}

function capProblems({ documents }: Seen, { id, policy }: Plan): string[] {
  const moving = documents
    .under('moves', `${id}/`)
    .filter(({ direction, outcome }) => direction === 'forward' && outcome === null)
  return moving.length > policy.cutoversMax
    ? [`${moving.length} moves of ${id} at once, at most ${policy.cutoversMax}`]
    : []
}

function interlockProblems({ region, setup }: Seen, { replica, from, to }: MoveRecord): string[] {
  const [registry, place] = replica.split('@')
  const customer = setup.fleet.registries.find(({ name }) => name === registry)?.customer
  return region.interlocks.flatMap((one) => {
    if (one.untilMs !== null || one.region !== place) return []
    const isStamp = one.stamp === undefined || one.stamp === from || one.stamp === to
    const isTenant =
      (one.registry === undefined || one.registry === registry) &&
      (one.customer === undefined || one.customer === customer)
    return isStamp && isTenant ? [`${replica} began against an interlock: ${one.words}`] : []
  })
}
