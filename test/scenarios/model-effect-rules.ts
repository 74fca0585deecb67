import { createHash } from 'node:crypto'
import type { Plan } from '../../src/domain/plan.ts'
import { ENDED, type MoveRecord } from '../../src/domain/run.ts'
import { stands } from './model-autonomy-rules.ts'
import type { Documents, Entry } from './model-journal.ts'
import type { Seen } from './model-rules.ts'

type Effect = Exclude<Entry, { kind: 'write' }>
type Rebind = Extract<Entry, { kind: 'rebind' }>

/** The newest turn of a scope's switch; ids sort newest first. */
export function switchOf(documents: Documents, scope: string) {
  return documents.under('switches', `${scope}/`)[0]
}

export function frozen(documents: Documents, region: string): boolean {
  return ['*', region].some((scope) => switchOf(documents, scope)?.setting === 'freeze')
}

/** What an effect broke. */
export function effectProblems(seen: Seen, effect: Effect, atMs: number): string[] {
  if (effect.kind !== 'minimum' && effect.kind !== 'warm' && effect.moveKey.startsWith('others/')) {
    return effect.kind === 'rebind' ? [] : ifFrozen(seen, effect)
  }
  const problems = ifFrozen(seen, effect)
  if (effect.kind === 'rebind') problems.push(...rebindProblems(seen, effect, atMs))
  if (effect.kind === 'route') {
    const home = seen.region.binding(effect.replica)?.homeStamp
    if (home !== effect.to)
      problems.push(`${effect.replica} is bound to ${home} and was routed to ${effect.to}`)
  }
  return problems
}

function ifFrozen({ documents, setup }: Seen, effect: Effect): string[] {
  const stamp = effect.kind === 'minimum' ? effect.stamp : undefined
  const region =
    stamp === undefined && 'replica' in effect
      ? (effect.replica.split('@')[1] ?? '')
      : (setup.fleet.regions.find(({ stamps }) => stamps.some(({ id }) => id === stamp))?.name ?? '')
  return frozen(documents, region) ? [`an effect in frozen ${region}: ${JSON.stringify(effect)}`] : []
}

function rebindProblems(seen: Seen, effect: Rebind, atMs: number): string[] {
  const { documents, setup } = seen
  const { moveKey: key, replica, from, to } = effect
  const move = documents.of('moves', key)
  const plan = setup.plans.find(({ id }) => key.startsWith(`${id}/`))
  if (!move || !plan) return [`${replica} was re-bound under ${key}, which is no move on record`]
  const run = documents.of('runs', plan.id)
  const problems: string[] = []
  if (!run || ENDED.some((kind) => kind === run.status.kind))
    problems.push(`${key} took effect while its run is ${run?.status.kind ?? 'not there'}`)
  if (!isWhole(documents.of('plans', plan.id)) || run?.digest !== plan.digest)
    problems.push(`${plan.id} is not what was approved`)
  if (!isListed(plan, move, { from, to }))
    problems.push(`${replica} went from ${from} to ${to}, which ${plan.id} does not hold`)
  problems.push(...otherRegion(documents, move))
  problems.push(...leaseProblems(seen, move, { atMs, region: plan.region }))
  if (move.direction === 'reverse') return [...problems, ...reasonToReverse(documents, move)]
  return [
    ...problems,
    ...decisionProblems(documents, plan, { gate: move.gate, atMs }),
    ...orderProblems(documents, move),
    ...switchProblems(documents, move, plan.region),
  ]
}

function isListed(plan: Plan, { direction, replica }: MoveRecord, at: { from: string; to: string }): boolean {
  const [registry, region] = replica.split('@')
  const list = direction === 'forward' ? plan.moves : plan.reverses
  return (
    region === plan.region &&
    list.some((one) => one.registry === registry && one.from === at.from && one.to === at.to)
  )
}

/** The digest of a stored plan told anew: sorted keys, no spaces. */
function isWhole(plan: Plan | undefined): boolean {
  if (!plan) return false
  const { digest, ...body } = plan
  return createHash('sha256').update(sorted(body)).digest('hex') === digest
}

export function sorted(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(sorted).join(',')}]`
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${sorted(member)}`).join(',')}}`
}

/** Enough people who did not ask for the plan have said yes since the batch last went home, and still do. */
export function decisionProblems(
  documents: Documents,
  plan: Plan,
  { gate, atMs }: { readonly gate: string; readonly atMs: number },
): string[] {
  const worse = documents.under('evaluations', `${plan.id}/${gate}/`).filter((one) => one.verdict === 'worse')
  const home = (documents.of('controls', plan.id)?.undone ?? []).filter((one) =>
    one.gates.some((id) => id === gate),
  )
  const sinceMs = Math.max(0, ...worse.map((one) => one.atMs), ...home.map((one) => one.doneMs))
  const good = documents
    .under('decisions', `${plan.id}/`)
    .filter((one) => one.gates.some((id) => id === gate) && one.digest === plan.digest)
    .filter((one) => one.by !== plan.requestedBy && one.atMs > sinceMs)
    .filter((one) => one.expiresAtMs === null || one.expiresAtMs > atMs)
    .filter((one) => stands(documents, one, { region: plan.region, atMs }))
  const yes = new Set(good.filter(({ answer }) => answer === 'approve').map(({ by }) => by))
  const needed = plan.policy.twoApprovers.some((phase) => gate.startsWith(phase)) ? 2 : 1
  return yes.size >= needed ? [] : [`${plan.id} moved at ${gate} with ${yes.size} of ${needed} approvals`]
}

function orderProblems(documents: Documents, { planId, replica, gate }: MoveRecord): string[] {
  const controls = documents.of('controls', planId)
  const order =
    controls?.abort ?? controls?.rollback ?? (controls?.undo?.gates.includes(gate) ? controls.undo : null)
  const isSkipped = controls?.skips?.some(({ registry }) => replica.startsWith(`${registry}@`))
  if (isSkipped) return [`${replica} moved though it was skipped`]
  return order ? [`${replica} moved on though it was ordered: ${order.reason}`] : []
}

/** Under *no new moves* only what meant to re-bind before goes on. */
function switchProblems(documents: Documents, move: MoveRecord, region: string): string[] {
  const meantMs = move.steps.find(({ step, kind }) => step === 'rebind' && kind === 'intent')?.atMs
  return ['*', region].flatMap((scope) => {
    const on = switchOf(documents, scope)
    if (!on || on.setting === 'off') return []
    return meantMs !== undefined && meantMs <= on.atMs
      ? []
      : [`${move.replica} was re-bound under ${on.setting}`]
  })
}

function leaseProblems(
  { documents }: Seen,
  { planId, replica }: MoveRecord,
  { atMs, region }: { readonly atMs: number; readonly region: string },
): string[] {
  const holds = documents.of('leases', region)?.holds ?? []
  const own = holds.filter(({ resources }) => resources.includes(`replica/${replica}`))
  if (own.length === 1 && own[0]?.planId === planId && own[0].untilMs > atMs) return []
  return [
    `${replica} moved under ${planId} while held by ${own.map((hold) => hold.planId).join(', ') || 'nobody'}`,
  ]
}

function reasonToReverse(documents: Documents, { planId, replica, gate, key }: MoveRecord): string[] {
  const controls = documents.of('controls', planId)
  if (controls?.rollback || controls?.undo?.gates.includes(gate)) return []
  const forward = documents
    .under('moves', `${planId}/${replica}/`)
    .findLast((one) => one.direction === 'forward' && one.key < key)
  if (forward?.outcome?.kind === 'failed') return []
  const begunMs = forward?.steps[0]?.atMs ?? Number.POSITIVE_INFINITY
  const isWorse = documents
    .under('evaluations', `${planId}/${gate}/`)
    .some((one) => one.verdict === 'worse' && one.atMs >= begunMs)
  return isWorse ? [] : [`${replica} was taken home without a reason on record`]
}

/** No registry is between a re-bind and its end in two regions at once. */
function otherRegion(documents: Documents, { replica, key }: MoveRecord): string[] {
  const [registry, region] = replica.split('@')
  const others = documents.under('moves', '').filter((one) => {
    const [otherRegistry, otherPlace] = one.replica.split('@')
    if (otherRegistry !== registry || otherPlace === region || one.outcome !== null) return false
    const status = documents.of('runs', one.planId)?.status.kind
    return one.steps.some(({ step }) => step === 'rebind') && !ENDED.some((kind) => kind === status)
  })
  return others.map((one) => `${key} took effect while ${one.key} is under way`)
}
