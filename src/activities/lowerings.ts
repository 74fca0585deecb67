import type { z } from 'zod'
import type { StampId } from '../domain/ids.ts'
import { poolResource } from '../domain/leases.ts'
import type { LoweringRecord } from '../domain/lowering.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import type { EffectOutcome, ListLowerings } from '../messages/activities.ts'
import type { LoweringStep } from '../messages/outline.ts'
import type { PoolScale } from '../ports/capacity.ts'
import type { Ports } from '../ports/ports.ts'
import { changesOf, standingOf } from '../queries/lowerings.ts'
import { authorityLacking } from './authority.ts'
import { NotReadBack } from './cutover-steps.ts'
import { guardEffect, type Passage } from './guard.ts'
import { fenceFor } from './leases.ts'
import { RecordBusy, RecordMissing } from './record-faults.ts'
import { closed } from './start-rules.ts'

type Needs = Pick<Ports, 'records' | 'clock' | 'capacity'>
type Refused = Exclude<Passage, { kind: 'open' }>

const NUMBER_WIDTH = 3
const WRITES_MAX = 8

/** Which changes a batch is to make, or which undo it: of each pool the standing ones, last one first. */
export const createListLowerings =
  ({ records }: Pick<Ports, 'records'>) =>
  async ({
    planId,
    digest,
    gate,
    direction,
  }: z.infer<typeof ListLowerings.input>): Promise<z.infer<typeof ListLowerings.output>> => {
    const plan = (await records.read('plans', planId))?.value
    if (plan?.digest !== digest) throw new RecordMissing(`there is no plan ${planId} with this digest`)
    const changes: z.infer<typeof ListLowerings.output>['changes'] = []
    if (direction === 'lower') {
      for (const { stamp, pool } of batchesOf(plan).find((batch) => batch.gate === gate)?.lowerings ?? []) {
        const log = await changesOf({ records }, planId, { stamp, pool })
        const isUnderWay = log.at(-1)?.direction === 'lower' && log.at(-1)?.gate === gate
        if (gate) changes.push({ stamp, pool, gate, sequence: log.length + (isUnderWay ? 0 : 1) })
      }
      return { changes }
    }
    for (const { stamp, pool } of poolsOf(plan)) {
      const log = await changesOf({ records }, planId, { stamp, pool })
      const standing = standingOf(log).toReversed()
      const isUnderWay = log.at(-1)?.direction === 'restore' && log.at(-1)?.outcome?.kind !== 'done'
      const first = log.length + (isUnderWay ? 0 : 1)
      for (const [at, each] of standing.entries())
        if (gate === null || each.gate === gate)
          changes.push({ stamp, pool, gate: each.gate, sequence: first + at })
    }
    return { changes }
  }

/** Each pool that a plan lowers, once. */
function poolsOf({ lowerings = [] }: Plan): { readonly stamp: StampId; readonly pool: string }[] {
  const pools = new Map(lowerings.map(({ stamp, pool }) => [`${stamp} ${pool}`, { stamp, pool }]))
  return [...pools.values()]
}

/**
 * Changes a pool's minimum: lowers it under an open gate, or restores it. Trusts ids alone, like every effect; the change is
 * numbered, good for one epoch of the minimum, and carries its key, so that a repeat or a late writer changes nothing.
 */
export const createChangeMinimum =
  (ports: Needs) =>
  async (step: LoweringStep): Promise<EffectOutcome> => {
    const { planId, digest, gate, stamp, pool } = step
    const plan = (await ports.records.read('plans', planId))?.value
    if (plan?.digest !== digest) return refused(`there is no plan ${planId} with this digest`)
    const batch = batchesOf(plan).find((each) => each.gate === gate)
    const planned = batch?.lowerings.find((each) => each.stamp === stamp && each.pool === pool)
    if (!planned) return refused(`${stamp} ${pool} is not in batch ${gate} of ${planId}`)
    const log = await changesOf(ports, planId, step)
    const known = step.sequence === log.length ? log.at(-1) : undefined
    const misfit = misfitOf(step, log, known)
    if (misfit) return refused(misfit)
    if (known?.outcome?.kind === 'done') return { kind: 'done', detail: 'it was changed before' }

    const passage = await passageFor(ports, plan, step, { log, known })
    if (passage.kind !== 'open') return passage
    const undone = step.direction === 'restore' ? standingOf(log).at(-1) : undefined
    const wanted = undone ? { from: undone.to, to: undone.from } : { from: planned.from, to: planned.to }
    const now = await scaleOf(ports, step)
    if (!now) return refused(`${stamp} has no pool ${pool}`)
    const isFresh = known === undefined || known.outcome?.kind === 'failed'
    if (step.direction === 'lower' && isFresh && now.minNodes !== wanted.from)
      return refused(
        `${stamp} ${pool} has a minimum of ${now.minNodes}, not ${wanted.from}: somebody else has set it since the plan was made`,
      )
    const record = await begun(ports, step, { log, known, wanted, now, undone, fence: passage.fence })
    return step.direction === 'lower' ? lower(ports, record) : restore(ports, plan, record, undone)
  }

function refused(reason: string): Refused {
  return { kind: 'refused', reason }
}

async function scaleOf(
  { capacity }: Pick<Ports, 'capacity'>,
  { stamp, pool }: Pick<LoweringStep, 'stamp' | 'pool'>,
): Promise<PoolScale | undefined> {
  return (await capacity.pools(stamp)).find(({ role }) => role === pool)
}

/** Why a step fits nowhere in a pool's changes, if so. */
function misfitOf(
  { stamp, pool, sequence, direction, gate }: LoweringStep,
  log: readonly LoweringRecord[],
  known: LoweringRecord | undefined,
): string | undefined {
  const name = `${stamp} ${pool}`
  if (sequence < log.length)
    return `change ${sequence} of ${name} came after change ${log.length} had begun; it changed nothing`
  if (known) {
    const isOther = known.direction !== direction || known.gate !== gate
    return isOther
      ? `change ${sequence} of ${name} is to ${known.direction} it under ${known.gate}`
      : undefined
  }
  if (sequence !== log.length + 1)
    return `${name} was changed ${log.length} times, so ${sequence} can't be its next`
  if (direction === 'restore')
    return standingOf(log).at(-1)?.gate === gate ? undefined : `${name} was not lowered last under ${gate}`
  const last = log.at(-1)
  return last && last.outcome?.kind !== 'done' ? `change ${log.length} of ${name} is not over` : undefined
}

/** Kill switch, authority, calendar and lease, in this order, as every effect asks for them. */
async function passageFor(
  ports: Needs,
  plan: Plan,
  { planId, digest, gate, stamp, pool, direction }: LoweringStep,
  { log, known }: { readonly log: readonly LoweringRecord[]; readonly known: LoweringRecord | undefined },
): Promise<{ readonly kind: 'open'; readonly fence: number } | Refused> {
  const isBack = direction === 'restore'
  const kind = isBack ? 'reversal' : 'newMove'
  const passage = await guardEffect(ports, { region: plan.region, planId, kind })
  if (passage.kind !== 'open') return passage
  const way = isBack ? 'reverse' : 'forward'
  const lacking = await authorityLacking(ports, {
    step: { planId, digest, gate, direction: way },
    forward: isBack ? standingOf(log).at(-1) : undefined,
    stage: 'prepare',
  })
  if (lacking) return refused(lacking)
  const isUnderWay = known?.outcome === null && known.steps.length > 0
  const shut = isBack || isUnderWay ? undefined : closed(ports, plan)
  if (shut) return { kind: 'paused', reason: shut.reason }
  const fenced = await fenceFor(ports, plan, { resource: poolResource(stamp, pool), direction: way })
  const isLost = fenced.kind === 'open' && known?.outcome === null && known.fence !== fenced.fence
  return isLost && !isBack
    ? refused(`the lease of ${stamp} ${pool} was lost and taken anew since this change began`)
    : fenced
}

/** The change's record: found again, begun anew where it had failed, or made. Before it nothing is touched. */
async function begun(
  ports: Needs,
  step: LoweringStep,
  at: {
    readonly log: readonly LoweringRecord[]
    readonly known: LoweringRecord | undefined
    readonly wanted: { readonly from: number; readonly to: number }
    readonly now: PoolScale
    readonly undone: LoweringRecord | undefined
    readonly fence: number
  },
): Promise<LoweringRecord> {
  const { log, known, wanted, now, undone, fence } = at
  const { planId, gate, stamp, pool, direction, sequence } = step
  const begunMs = ports.clock.nowMs()
  // A way back is good for what this plan left, or for what was before it where that never took effect.
  const isOwn = !undone || log.some(({ key }) => key === now.lastChangeKey) || now.epoch === undone.epoch
  const epoch = isOwn ? now.epoch : 0
  if (known)
    return known.outcome?.kind === 'failed'
      ? amend(ports, known.key, (one) => ({ ...one, epoch, fence, begunMs, outcome: null }))
      : known
  const key = `${planId}/${stamp}.${pool}/${String(sequence).padStart(NUMBER_WIDTH, '0')}`
  const record: LoweringRecord = {
    ...{ planId, gate, stamp, pool, direction, key, epoch, begunMs, fence },
    ...{ ...wanted, steps: [], outcome: null },
  }
  await ports.records.create('lowerings', key, record)
  return amend(ports, key, (one) => one)
}

async function lower(ports: Needs, record: LoweringRecord): Promise<EffectOutcome> {
  const { stamp, pool } = record
  if ((await change(ports, record)) === 'made') return done(ports, record)
  const reason = `the minimum of ${stamp} ${pool} was changed by somebody else since this change began`
  await amend(ports, record.key, (one) => ({
    ...one,
    outcome: { kind: 'failed', atMs: ports.clock.nowMs(), reason },
  }))
  return refused(reason)
}

/** Somebody else's minimum is left as it is. Of ours the nodes are waited for: they were missed. */
async function restore(
  ports: Needs,
  { policy }: Plan,
  record: LoweringRecord,
  undone: LoweringRecord | undefined,
): Promise<EffectOutcome> {
  const { stamp, pool, to, begunMs } = record
  if (!undone) return refused(`${stamp} ${pool} was not lowered, so there is nothing to restore`)
  if ((await change(ports, record)) === 'stale')
    return done(ports, record, 'left as it is, since somebody else has changed it')
  const ready = (await scaleOf(ports, record))?.readyNodes ?? 0
  if (ready >= to) return done(ports, record)
  const reason = `${stamp} ${pool} has ${ready} of ${to} nodes ready again`
  const isEarly = ports.clock.nowMs() - begunMs < (durationMs(policy.readyWithin) ?? 0)
  return isEarly ? { kind: 'waiting', detail: reason } : refused(`${reason}; make room there and resume`)
}

/** Intent, the conditional write under the change's key, and what is read back. */
async function change(ports: Needs, record: LoweringRecord): Promise<'made' | 'stale'> {
  const { key, stamp, pool, to, epoch } = record
  await logged(ports, key, { kind: 'intent', detail: `epoch ${epoch}` })
  const asked = { stamp, role: pool, minNodes: to, expectedEpoch: epoch, changeKey: key }
  if ((await ports.capacity.changeMinimum(asked)).kind === 'stale') return 'stale'
  const seen = await scaleOf(ports, record)
  if (seen?.lastChangeKey !== key || seen.minNodes !== to)
    throw new NotReadBack(`the minimum of ${stamp} ${pool} reads as ${seen?.minNodes}, not ${to}`)
  return 'made'
}

async function done(ports: Needs, record: LoweringRecord, words?: string): Promise<EffectOutcome> {
  const detail = words ?? `${record.stamp} ${record.pool} has a minimum of ${record.to} nodes`
  await logged(ports, record.key, { kind: 'done', detail })
  await amend(ports, record.key, (one) =>
    one.outcome?.kind === 'done' ? one : { ...one, outcome: { kind: 'done', atMs: ports.clock.nowMs() } },
  )
  return { kind: 'done', detail }
}

/** Appends a step, once: a repeat finds it there. */
function logged(
  ports: Needs,
  key: string,
  entry: Omit<LoweringRecord['steps'][number], 'atMs'>,
): Promise<LoweringRecord> {
  return amend(ports, key, (one) =>
    one.steps.some(({ kind }) => kind === entry.kind)
      ? one
      : { ...one, steps: [...one.steps, { ...entry, atMs: ports.clock.nowMs() }] },
  )
}

async function amend(
  { records }: Pick<Ports, 'records'>,
  key: string,
  to: (record: LoweringRecord) => LoweringRecord,
): Promise<LoweringRecord> {
  for (let write = 0; write < WRITES_MAX; write += 1) {
    const stored = await records.read('lowerings', key)
    if (!stored) throw new RecordBusy(`change ${key} is not on record`)
    const changed = to(stored.value)
    if (changed === stored.value) return changed
    if ((await records.replace('lowerings', key, changed, stored.etag)) === 'replaced') return changed
  }
  throw new RecordBusy(`change ${key} was written by others ${WRITES_MAX} times in a row`)
}
