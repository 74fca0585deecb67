import { beforeEach, expect, test } from 'vitest'
import { createAdmitMoves } from '../../src/activities/admission.ts'
import { createChangeMinimum, createListLowerings } from '../../src/activities/lowerings.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { sealPlan } from '../../src/domain/canonical.ts'
import { GateId, PlanId, StampId } from '../../src/domain/ids.ts'
import { type LeaseAsk, takeLeases, withoutHolds } from '../../src/domain/leases.ts'
import type { Plan } from '../../src/domain/plan.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { makeRightSizing } from '../../src/domain/right-size.ts'
import type { RunStatus } from '../../src/domain/run.ts'
import type { LoweringStep } from '../../src/messages/outline.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { createTwin } from '../../src/twin/twin.ts'
import { acmePlan, recordStart } from '../support/answered-run.ts'
import { DATA_ENDS_MS, REGION, smallRegion } from '../support/small-region.ts'
import { HandClock } from '../twin/a-twin.ts'

const HOUR_MS = 3_600_000
const NODES = 6
const stamp = StampId.parse('s-a')
const [FIRST, SECOND] = [GateId.parse('right-size-1'), GateId.parse('right-size-2')]

let clock: HandClock
let ports: Ports
let plan: Plan

beforeEach(async () => {
  clock = new HandClock(DATA_ENDS_MS)
  const twin = createTwin({ files: smallRegion(undefined, NODES), database: ':memory:', clock, seed: 1 })
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  ports = { catalog, metrics, traffic, capacity, interlocks, records: new SqliteRecords(':memory:'), clock }
  const peak = { kind: 'known', hotNodeP95: 20, high: 25, atNodes: NODES } as const
  const pool = {
    stamp,
    role: 'compute',
    minNodes: NODES,
    figures: { hotNodeP95: 20, poolAverage: 10, max: 30 },
    peak,
  }
  const context = {
    planId: PlanId.parse('plan-lower'),
    requestedBy: 'operator',
    nowMs: clock.ms,
    policy: OPEN_POLICY,
  }
  plan = sealPlan(makeRightSizing(acmePlan(), [pool], context))
  await recordStart(ports, plan, 'all')
  await at({ kind: 'moving', gate: FIRST, sinceMs: clock.ms })
  await admitted(FIRST)
})

async function at(status: RunStatus) {
  const stored = await ports.records.read('runs', plan.id)
  if (stored) await ports.records.replace('runs', plan.id, { ...stored.value, status }, stored.etag)
}
const admitted = (gate: GateId) =>
  createAdmitMoves(ports)({ planId: plan.id, digest: plan.digest, gate, replicas: [] })
const step = (like: Partial<LoweringStep> = {}): LoweringStep => ({
  ...{ planId: plan.id, digest: plan.digest, gate: FIRST, stamp, pool: 'compute' },
  ...{ direction: 'lower', sequence: 1, ...like },
})
const change = (like: Partial<LoweringStep> = {}, by: Ports = ports) => createChangeMinimum(by)(step(like))
const minimum = async () => (await ports.capacity.pools(stamp))[0]?.minNodes
const epoch = async () => (await ports.capacity.pools(stamp))[0]?.epoch
const judgedWorse = async (gate: GateId) => {
  clock.ms += 1000
  const look = { gate, atMs: clock.ms, verdict: 'worse', words: 'hot' } as const
  await ports.records.create('evaluations', `${plan.id}/${gate}/${clock.ms}`, look)
  await at({ kind: 'reversing', gate, sinceMs: clock.ms, reason: 'hot' })
}
const due = async (gate: GateId | null, direction: LoweringStep['direction']) =>
  (await createListLowerings(ports)({ planId: plan.id, digest: plan.digest, gate, direction })).changes

test('a minimum is lowered once, and a repeat finds it done', async () => {
  expect(await change()).toMatchObject({ kind: 'done' })
  const after = await epoch()
  expect(await change()).toMatchObject({ kind: 'done' })
  expect([await minimum(), await epoch()]).toEqual([5, after])
})

test('a change whose answer was lost is recognised by its key and made no second time', async () => {
  const lossy: Ports = {
    ...ports,
    capacity: {
      ...ports.capacity,
      changeMinimum: async (given) => {
        await ports.capacity.changeMinimum(given)
        throw new Error('the answer was lost')
      },
    },
  }
  await expect(change({}, lossy)).rejects.toThrow('lost')
  const after = await epoch()
  expect(await change()).toMatchObject({ kind: 'done' })
  expect([await minimum(), await epoch()]).toEqual([5, after])
})

test('who starts it without a run at this batch, an answer or a lease lowers nothing', async () => {
  await at({ kind: 'awaitingApproval', gate: FIRST, sinceMs: clock.ms, untilMs: clock.ms })
  expect(await change()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('not moving') })
  await at({ kind: 'moving', gate: SECOND, sinceMs: clock.ms })
  expect(await change()).toMatchObject({ kind: 'refused' })
  await at({ kind: 'moving', gate: FIRST, sinceMs: clock.ms })
  expect(await change({ stamp: StampId.parse('s-b') })).toMatchObject({ kind: 'refused' })
  expect(await change({ sequence: 2 })).toMatchObject({ kind: 'refused' })
  expect(await change({ digest: 'a'.repeat(64) })).toMatchObject({ kind: 'refused' })

  const decision = await ports.records.read('decisions', `${plan.id}/${FIRST}/001`)
  if (!decision) throw new Error('there is no decision')
  const expired = { ...decision.value, expiresAtMs: clock.ms }
  await ports.records.replace('decisions', decision.id, expired, decision.etag)
  expect(await change()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('approval') })
  expect(await minimum()).toBe(NODES)
})

test('nothing is lowered outside the windows, and it says that it waits', async () => {
  const closed = { ...plan, policy: { ...plan.policy, windows: [] } }
  const stored = await ports.records.read('plans', plan.id)
  if (stored) await ports.records.replace('plans', plan.id, closed, stored.etag)
  expect(await change()).toMatchObject({ kind: 'paused', reason: expect.stringContaining('no window') })
  expect(await admitted(FIRST)).toMatchObject({ kind: 'blocked', rule: 'window' })
  expect(await minimum()).toBe(NODES)
})

test('a change that failed and begins anew does so in its windows only', async () => {
  const late: Ports['capacity'] = { ...ports.capacity, changeMinimum: async () => ({ kind: 'stale' }) }
  expect(await change({}, { ...ports, capacity: late })).toMatchObject({ kind: 'refused' })
  const stored = await ports.records.read('plans', plan.id)
  const closed = { ...plan, policy: { ...plan.policy, windows: [] } }
  if (stored) await ports.records.replace('plans', plan.id, closed, stored.etag)
  expect(await change()).toMatchObject({ kind: 'paused', reason: expect.stringContaining('no window') })
  const shut = await ports.records.read('plans', plan.id)
  if (shut) await ports.records.replace('plans', plan.id, plan, shut.etag)
  expect(await change()).toMatchObject({ kind: 'done' })
  expect(await minimum()).toBe(5)
})

test('whose lease another plan took meanwhile lowers nothing', async () => {
  clock.ms += 7 * HOUR_MS
  const leases = await ports.records.read('leases', REGION)
  if (!leases) throw new Error('there are no leases')
  const ask: LeaseAsk = {
    ...{ planId: PlanId.parse('plan-other'), urgency: 'routine', resources: ['stamp/s-a/compute'] },
    ...{ atMs: clock.ms, untilMs: clock.ms + HOUR_MS },
  }
  const taking = takeLeases(withoutHolds(leases.value, [plan.id]), ask)
  if (taking.kind === 'taken') await ports.records.replace('leases', REGION, taking.book, leases.etag)
  expect(await change()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('lease') })
  expect(await admitted(FIRST)).toMatchObject({ kind: 'blocked', rule: 'lease' })
  expect(await minimum()).toBe(NODES)
})

test('a platform rollout on the stamp blocks the step', async () => {
  const rollout = {
    kind: 'rollout',
    region: REGION,
    stamp,
    fromMs: 0,
    untilMs: null,
    words: 'kernel',
  } as const
  const by = { ...ports, interlocks: { between: async () => [rollout] } }
  const answer = await createAdmitMoves(by)({
    planId: plan.id,
    digest: plan.digest,
    gate: FIRST,
    replicas: [],
  })
  expect(answer).toMatchObject({ kind: 'blocked', rule: 'interlock', person: true })
})

test('a breach restores what was before, and a late step of the lowering changes nothing any more', async () => {
  await change()
  await judgedWorse(FIRST)
  expect(await due(FIRST, 'restore')).toEqual([{ stamp, pool: 'compute', gate: FIRST, sequence: 2 }])
  const back = { direction: 'restore', sequence: 2 } as const
  for (let look = 0; look < 20 && (await change(back)).kind !== 'done'; look += 1) clock.ms += 60_000
  expect(await minimum()).toBe(NODES)
  await at({ kind: 'moving', gate: FIRST, sinceMs: clock.ms })
  expect(await change()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('came after') })
  expect(await minimum()).toBe(NODES)
})

test('a lowering that slept between its checks and its write loses to the way back', async () => {
  const woken = Promise.withResolvers<void>()
  const asleep = Promise.withResolvers<void>()
  const sleepy: Ports = {
    ...ports,
    capacity: {
      ...ports.capacity,
      changeMinimum: async (given) => {
        asleep.resolve()
        await woken.promise
        return ports.capacity.changeMinimum(given)
      },
    },
  }
  const late = change({}, sleepy)
  await asleep.promise
  await judgedWorse(FIRST)
  await change({ direction: 'restore', sequence: 2 })
  woken.resolve()
  expect(await late).toMatchObject({ kind: 'refused' })
  expect(await minimum()).toBe(NODES)
})

test('a way back needs its reason, and leaves what somebody else has set since', async () => {
  await change()
  await at({ kind: 'reversing', gate: FIRST, sinceMs: clock.ms, reason: 'none' })
  const back = { direction: 'restore', sequence: 2 } as const
  expect(await change(back)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('nobody ordered'),
  })
  await ports.capacity.setMinimum({ stamp, role: 'compute', minNodes: 3 })
  await judgedWorse(FIRST)
  expect(await change(back)).toMatchObject({ kind: 'done', detail: expect.stringContaining('somebody else') })
  expect(await minimum()).toBe(3)
})

test('nodes that do not come back are said, not passed over', async () => {
  await change()
  await judgedWorse(FIRST)
  const broken: Ports = {
    ...ports,
    capacity: {
      ...ports.capacity,
      pools: async (of) => (await ports.capacity.pools(of)).map((pool) => ({ ...pool, readyNodes: 1 })),
    },
  }
  const back = { direction: 'restore', sequence: 2 } as const
  expect(await change(back, broken)).toMatchObject({
    kind: 'waiting',
    detail: expect.stringContaining('1 of 6'),
  })
  clock.ms += HOUR_MS
  expect(await change(back, broken)).toMatchObject({ kind: 'refused' })
  expect(await minimum()).toBe(NODES)
})
