import type { StampId } from '../domain/ids.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import type { ProvisioningRecord } from '../domain/provisioning.ts'
import { hasEnded } from '../domain/run.ts'
import type { EffectOutcome } from '../messages/activities.ts'
import type { StampStep } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import type { NewStamp, Provisioning } from '../ports/provisioning.ts'
import { everyValue } from '../ports/records.ts'
import { lastAttempt } from '../queries/provisionings.ts'
import { knownUntilMs, signalsOver } from '../queries/telemetry.ts'
import { authorityLacking } from './authority.ts'
import { guardEffect } from './guard.ts'
import { amendAttempt, beginAttempt, logAttempt } from './provisioning-log.ts'
import { closed } from './start-rules.ts'

/** How long a stamp may take from its beginning until it is healthy, where the policy does not say. */
const WITHIN = 'PT4H'
/** An hour of its own telemetry has to be there before anybody comes. */
const FRESH_MS = 3_600_000

type Refused = { readonly kind: 'refused' | 'paused'; readonly reason: string }

function refused(reason: string): Refused {
  return { kind: 'refused', reason }
}

/**
 * Makes a plan's new stamp: created, checked and only then active. Asked again it goes on where it is; each step has its
 * intent on record first. Trusts ids alone, like every effect.
 */
export const createMakeStamp =
  (ports: Ports, provisioning: Provisioning) =>
  async (step: StampStep): Promise<EffectOutcome> => {
    const plan = (await ports.records.read('plans', step.planId))?.value
    const wanted = plan?.digest === step.digest ? wantedBy(plan) : undefined
    if (!plan || !wanted) return refused(`${step.planId} makes no stamp under this digest`)
    const last = await lastAttempt(ports, plan.id)
    if (last?.outcome?.kind === 'done' && last.removedAtMs === null)
      return { kind: 'done', detail: `${wanted.stamp} was made before` }
    const known = last?.removedAtMs === null ? last : undefined
    const passage = await mayMake(ports, plan, step, known && known.steps.length > 0 ? 'underWay' : 'begins')
    if (passage) return passage
    const attempt = known ?? (await beginAttempt(ports, { ...step, stamp: wanted.stamp, after: last }))
    const made = { ...wanted, key: attempt.key }
    return (
      (await create(ports, provisioning, { made, attempt, plan })) ??
      (await check(ports, { made, attempt, plan })) ??
      (await activate(ports, provisioning, { made, attempt }))
    )
  }

interface Making {
  readonly made: NewStamp
  readonly attempt: ProvisioningRecord
  readonly plan: Plan
}

/** The stamp that a plan makes, sized and named by its document; undefined where it makes none. */
function wantedBy({ region, customer, isolation }: Plan): Omit<NewStamp, 'key'> | undefined {
  if (!isolation?.stamp || customer === null) return undefined
  const pools = isolation.pools.flatMap(({ role, nodes, like }) => (like ? [{ role, nodes, like }] : []))
  return pools.length === isolation.pools.length
    ? { region, stamp: isolation.stamp, customer, pools }
    : undefined
}

async function mayMake(
  ports: Ports,
  plan: Plan,
  { planId, digest, gate }: StampStep,
  how: 'begins' | 'underWay',
): Promise<Refused | undefined> {
  const guarded = await guardEffect(ports, { region: plan.region, planId, kind: 'newMove' })
  if (guarded.kind !== 'open') return guarded
  const lacking = await authorityLacking(ports, {
    step: { planId, digest, gate, direction: 'forward' },
    forward: undefined,
    stage: how === 'begins' ? 'prepare' : 'rebind',
  })
  if (lacking) return refused(lacking)
  const shut = how === 'begins' ? closed(ports, plan) : undefined
  return shut && { kind: 'paused', reason: shut.reason }
}

/** Undefined once the stamp is there. */
async function create(
  ports: Ports,
  provisioning: Provisioning,
  { made, attempt, plan }: Making,
): Promise<EffectOutcome | undefined> {
  const { stamp } = made
  const size = made.pools.map(({ role, nodes }) => `${role} ${nodes}`).join(', ')
  await logAttempt(ports, attempt.key, { step: 'create', kind: 'intent', detail: size })
  if ((await provisioning.create(made)) === 'taken') return refused(`there is a stamp ${stamp} already`)
  const state = await provisioning.state(stamp)
  if (state.kind === 'failed') return refused(`${stamp} could not be made: ${state.reason}`)
  if (state.kind !== 'ready' && state.kind !== 'active')
    return overdue(ports, { attempt, plan }, `${stamp} is ${state.kind}`)
  await logAttempt(ports, attempt.key, { step: 'create', kind: 'done', detail: `${stamp} is ${state.kind}` })
  return undefined
}

/** Undefined once every node serves and an hour of its own telemetry shows an idle, healthy stamp. */
async function check(ports: Ports, { made, attempt, plan }: Making): Promise<EffectOutcome | undefined> {
  const { stamp, pools } = made
  const scale = await ports.capacity.pools(stamp)
  const endMs = knownUntilMs(ports)
  const problems: string[] = []
  for (const { role, nodes } of pools) {
    const ready = scale.find((pool) => pool.role === role)?.readyNodes ?? 0
    if (ready < nodes) problems.push(`${role} has ${ready} of ${nodes} nodes ready`)
    const seen = await signalsOver(ports, { stamp, role }, { startMs: endMs - FRESH_MS, endMs }, plan.policy)
    const { presentBins, expectedBins } = seen.coverage
    if (seen.status !== 'ok')
      problems.push(`${role} sent ${presentBins} of the last hour's ${expectedBins} bins`)
    else if ((seen.hotNodeP95 ?? 100) >= plan.policy.hotPercent)
      problems.push(`${role} is hot without anybody on it: hot-node P95 ${seen.hotNodeP95?.toFixed(1)} %`)
  }
  if (problems.length > 0)
    return overdue(ports, { attempt, plan }, `${stamp} is not healthy: ${problems.join('; ')}`)
  await logAttempt(ports, attempt.key, {
    step: 'check',
    kind: 'done',
    detail: 'all nodes ready, an hour of telemetry',
  })
  return undefined
}

function overdue(
  { clock }: Pick<Ports, 'clock'>,
  { attempt, plan }: Pick<Making, 'attempt' | 'plan'>,
  words: string,
): EffectOutcome {
  const waitedMs = clock.nowMs() - attempt.begunMs
  const withinMs = durationMs(plan.policy.provisionWithin ?? WITHIN) ?? 0
  return waitedMs < withinMs
    ? { kind: 'waiting', detail: words }
    : refused(`${words}, after ${Math.round(waitedMs / 60_000)} min`)
}

async function activate(
  ports: Ports,
  provisioning: Provisioning,
  { made, attempt }: Pick<Making, 'made' | 'attempt'>,
): Promise<EffectOutcome> {
  const { stamp, key } = made
  await logAttempt(ports, key, { step: 'activate', kind: 'intent', detail: stamp })
  await provisioning.activate({ stamp, key })
  const state = await catalogState(ports, stamp)
  if (state !== 'active') throw new StampNotReadBack(`${stamp} reads as ${state ?? 'not there'}, not active`)
  const detail = `${stamp} takes replicas`
  await logAttempt(ports, key, { step: 'activate', kind: 'done', detail })
  const outcome = { kind: 'done', atMs: ports.clock.nowMs() } as const
  await amendAttempt(ports, attempt.key, (one) => (one.outcome ? one : { ...one, outcome }))
  return { kind: 'done', detail }
}

async function catalogState(
  { catalog }: Pick<Ports, 'catalog'>,
  stamp: StampId,
): Promise<string | undefined> {
  const stamps = (await catalog.fleet()).regions.flatMap((region) => region.stamps)
  return stamps.find(({ id }) => id === stamp)?.state
}

/** What was activated is not what the catalog says. */
class StampNotReadBack extends Error {
  override readonly name = 'StampNotReadBack'
}

/**
 * Removes what a plan made of its stamp, however far it got: after a failure, or once a rollback has taken everybody home.
 * A stamp that took replicas is removed for a rollback only, and never while one is bound to it.
 */
export const createRemoveStamp =
  (ports: Ports, provisioning: Provisioning) =>
  async ({ planId, digest }: StampStep): Promise<EffectOutcome> => {
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest) return refused(`there is no plan ${planId} with this digest`)
    const run = (await ports.records.read('runs', planId))?.value
    const attempt = await lastAttempt(ports, planId)
    if (!attempt || attempt.removedAtMs !== null) return { kind: 'done', detail: 'nothing of it is there' }
    if (!run || hasEnded(run.status)) return refused(`${planId} has no run under way`)
    const controls = (await ports.records.read('controls', planId))?.value
    const isRollback = run.status.kind === 'reversing' && Boolean(controls?.rollback)
    if (attempt.outcome?.kind === 'done' && !isRollback)
      return refused(`${attempt.stamp} takes replicas, and nobody ordered a rollback`)
    return removeAttempt(ports, provisioning, plan, attempt)
  }

/** Removes one attempt's stamp; `done` once it is gone. Somebody else's stamp of that name is left. */
async function removeAttempt(
  ports: Ports,
  provisioning: Provisioning,
  { id: planId, region }: Plan,
  { key, stamp }: ProvisioningRecord,
): Promise<EffectOutcome> {
  const guarded = await guardEffect(ports, { region, planId, kind: 'reversal' })
  if (guarded.kind !== 'open') return guarded
  await logAttempt(ports, key, { step: 'remove', kind: 'intent', detail: stamp })
  const answer = await provisioning.remove({ stamp, key })
  if (answer === 'inUse') return refused(`${stamp} has replicas bound to it and is not removed`)
  if (answer === 'removing') return { kind: 'waiting', detail: `${stamp} is being removed` }
  const detail = answer === 'absent' ? `${stamp} is gone` : `${stamp} is somebody else's and was left`
  await logAttempt(ports, key, { step: 'remove', kind: 'done', detail })
  await amendAttempt(ports, key, (one) => ({ ...one, removedAtMs: ports.clock.nowMs() }))
  return { kind: 'done', detail }
}

/** Removes what a run that has ended left half made: a stamp that never became active. */
export const createRemoveStrays = (ports: Ports, provisioning: Provisioning) => async (): Promise<void> => {
  for (const value of await everyValue(ports.records, 'provisionings')) {
    if (value.removedAtMs !== null || value.outcome?.kind === 'done') continue
    const run = (await ports.records.read('runs', value.planId))?.value
    const plan = (await ports.records.read('plans', value.planId))?.value
    if (plan && run && hasEnded(run.status)) await removeAttempt(ports, provisioning, plan, value)
  }
}
