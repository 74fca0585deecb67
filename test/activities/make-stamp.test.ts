import { beforeEach, expect, test } from 'vitest'
import { createAdmitMoves } from '../../src/activities/admission.ts'
import { createMakeStamp, createRemoveStamp, createRemoveStrays } from '../../src/activities/make-stamp.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { GateId } from '../../src/domain/ids.ts'
import type { Plan } from '../../src/domain/plan.ts'
import type { RunStatus } from '../../src/domain/run.ts'
import type { Ports } from '../../src/ports/ports.ts'
import type { Provisioning } from '../../src/ports/provisioning.ts'
import { createTwin, type Twin } from '../../src/twin/twin.ts'
import { recordStart } from '../support/answered-run.ts'
import { isolationPlan, MADE, sharedStamps } from '../support/isolation.ts'
import { DATA_ENDS_MS } from '../support/small-region.ts'
import { HandClock } from '../twin/a-twin.ts'

const MINUTE_MS = 60_000
const gate = GateId.parse('provision-1')

let clock: HandClock
let ports: Ports
let twin: Twin
let plan: Plan

beforeEach(async () => {
  clock = new HandClock(DATA_ENDS_MS)
  const { nowMs: _, ...files } = sharedStamps()
  twin = createTwin({ files, database: ':memory:', clock, seed: 1 })
  const { catalog, metrics, traffic, capacity, interlocks } = twin
  ports = { catalog, metrics, traffic, capacity, interlocks, records: new SqliteRecords(':memory:'), clock }
  plan = isolationPlan()
  await recordStart(ports, plan, 'all')
  await at({ kind: 'moving', gate, sinceMs: clock.ms })
})

async function at(status: RunStatus) {
  const stored = await ports.records.read('runs', plan.id)
  if (stored) await ports.records.replace('runs', plan.id, { ...stored.value, status }, stored.etag)
}
const step = () => ({ planId: plan.id, digest: plan.digest, gate })
const make = (by: Provisioning = twin.provisioning) => createMakeStamp(ports, by)(step())
const remove = () => createRemoveStamp(ports, twin.provisioning)(step())
const state = async () => (await twin.provisioning.state(MADE)).kind
/** Asks again each minute until it is settled. */
async function settled(ask: () => ReturnType<typeof make>) {
  for (let look = 0; look < 600; look += 1) {
    const outcome = await ask()
    if (outcome.kind !== 'waiting') return outcome
    clock.ms += MINUTE_MS
  }
  throw new Error('it never settled')
}

test('a stamp is made once, however often its step comes', async () => {
  let begun = 0
  const counting: Provisioning = {
    ...twin.provisioning,
    create: async (wanted) => {
      const answer = await twin.provisioning.create(wanted)
      if (answer === 'begun') begun += 1
      return answer
    },
  }
  expect(await settled(() => make(counting))).toMatchObject({ kind: 'done' })
  expect(await make(counting)).toMatchObject({ kind: 'done', detail: expect.stringContaining('before') })
  expect([begun, await state()]).toEqual([1, 'active'])
})

test('who starts it without a run at this batch, its answer or its digest makes nothing', async () => {
  await at({ kind: 'awaitingApproval', gate, sinceMs: clock.ms, untilMs: clock.ms })
  expect(await make()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('not moving') })
  await at({ kind: 'moving', gate, sinceMs: clock.ms })
  const forged = createMakeStamp(ports, twin.provisioning)({ ...step(), digest: 'a'.repeat(64) })
  expect(await forged).toMatchObject({ kind: 'refused' })
  const decision = await ports.records.read('decisions', `${plan.id}/${gate}/001`)
  if (!decision) throw new Error('there is no decision')
  const expired = { ...decision.value, expiresAtMs: clock.ms }
  await ports.records.replace('decisions', decision.id, expired, decision.etag)
  expect(await make()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('approval') })
  expect(await state()).toBe('absent')
})

test('under a kill switch and outside windows nothing is made, and it says that it waits', async () => {
  const turned = {
    scope: '*',
    setting: 'noNewMoves',
    by: 'operator',
    reason: 'an incident',
    atMs: clock.ms,
  } as const
  await ports.records.create('switches', '*/999998', turned)
  expect(await make()).toMatchObject({ kind: 'paused' })
  await ports.records.create('switches', '*/999997', { ...turned, setting: 'off' })
  const stored = await ports.records.read('plans', plan.id)
  const shut = { ...plan, policy: { ...plan.policy, windows: [] } }
  if (stored) await ports.records.replace('plans', plan.id, shut, stored.etag)
  expect(await make()).toMatchObject({ kind: 'paused', reason: expect.stringContaining('no window') })
  const asked = { planId: plan.id, digest: plan.digest, gate, replicas: [] }
  expect(await createAdmitMoves(ports)(asked)).toMatchObject({ kind: 'blocked', rule: 'window' })
  expect(await state()).toBe('absent')
})

test('a stamp that takes replicas is removed for nobody but a rollback', async () => {
  await settled(() => make())
  await at({ kind: 'moving', gate: GateId.parse('tail-1'), sinceMs: clock.ms })
  expect(await remove()).toMatchObject({ kind: 'refused', reason: expect.stringContaining('nobody ordered') })
  expect(await state()).toBe('active')
})

test('what an aborted run left half made is removed by the sweep, and an active stamp is left', async () => {
  await make()
  expect(await state()).toBe('creating')
  const sweep = createRemoveStrays(ports, twin.provisioning)
  await sweep()
  expect(await state()).toBe('creating')
  await at({ kind: 'aborted', atMs: clock.ms, reason: 'not today' })
  await sweep()
  clock.ms += 10 * MINUTE_MS
  await sweep()
  expect(await state()).toBe('absent')
  const [attempt] = await ports.records.list('provisionings', { limit: 10 })
  expect(attempt?.value.removedAtMs).toBe(clock.ms)
})

test('an active stamp of a run that has ended is left by the sweep', async () => {
  await settled(() => make())
  await at({ kind: 'aborted', atMs: clock.ms, reason: 'not today' })
  await createRemoveStrays(ports, twin.provisioning)()
  expect(await state()).toBe('active')
})
