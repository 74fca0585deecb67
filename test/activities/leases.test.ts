import { beforeEach, expect, test } from 'vitest'
import { PlanId, partsOf, StampId } from '../../src/domain/ids.ts'
import { takeLeases, withoutHolds } from '../../src/domain/leases.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'
import { REGION } from '../support/small-region.ts'

const HOUR_MS = 3_600_000
let run: MovingRun
beforeEach(async () => {
  run = await aMovingRun()
})

const binding = () => run.ports.catalog.binding(run.replica)

/** What another plan takes as soon as the run's own lease is over. */
async function takenByAnother(): Promise<void> {
  run.clock.ms += 7 * HOUR_MS
  const stored = await run.ports.records.read('leases', REGION)
  if (!stored) throw new Error('there are no leases')
  const taking = takeLeases(stored.value, {
    ...{ planId: PlanId.parse('plan-other'), urgency: 'routine', resources: [`replica/${run.replica}`] },
    ...{ atMs: run.clock.ms, untilMs: run.clock.ms + HOUR_MS },
  })
  if (taking.kind === 'held') throw new Error('the lease is not over')
  await run.ports.records.replace('leases', REGION, taking.book, stored.etag)
}

async function otherGivesUp(): Promise<void> {
  const stored = await run.ports.records.read('leases', REGION)
  if (!stored) throw new Error('there are no leases')
  await run.ports.records.replace('leases', REGION, withoutHolds(stored.value, ['plan-other']), stored.etag)
}

test('a re-bind whose lease another plan took meanwhile changes nothing', async () => {
  await run.prepare(run.step({}))
  await takenByAnother()
  expect(await run.rebind(run.step({}))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('does not hold the lease'),
  })
  expect(await binding()).toMatchObject({ epoch: 1 })
})

test('a step from before the lease was lost is too late, even when the lease is back', async () => {
  await run.prepare(run.step({}))
  await takenByAnother()
  await otherGivesUp()
  const other = run.plan.moves.find(({ registry }) => registry !== partsOf(run.replica).registry)
  // The run is admitted anew for what is left of its batch: its leases are back under another fence.
  const { createAdmitMoves } = await import('../../src/activities/admission.ts')
  await createAdmitMoves(run.ports)({
    ...run.step({}),
    replicas: [run.step({ replica: run.replica }).replica],
  })
  expect(other).toBeDefined()
  expect(await run.rebind(run.step({}))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('lost and taken anew'),
  })
  expect(await binding()).toMatchObject({ epoch: 1 })
})

test('a lease that is over but that nobody took is renewed by the step that needs it', async () => {
  await run.prepare(run.step({}))
  run.clock.ms += 7 * HOUR_MS
  expect(await run.rebind(run.step({}))).toMatchObject({ kind: 'done' })
  const hold = (await run.ports.records.read('leases', REGION))?.value.holds[0]
  expect(hold?.untilMs).toBeGreaterThan(run.clock.ms)
})

test('a registry that is in motion in another region is not moved here until it has arrived there', async () => {
  const { registry } = partsOf(run.replica)
  const planId = PlanId.parse('plan-elsewhere')
  const key = `${planId}/${registry}@elsewhere/001`
  const [from, to] = ['e-a', 'e-b'].map((id) => StampId.parse(id))
  if (!from || !to) throw new Error('two stamps')
  const move = {
    ...{ planId, gate: 'tail-1', from, to, key, steps: [] },
    direction: 'forward' as const,
    outcome: null,
  }
  const { ReplicaId } = await import('../../src/domain/ids.ts')
  await run.ports.records.create('moves', key, { ...move, replica: ReplicaId.parse(`${registry}@elsewhere`) })
  await run.ports.records.create('motions', registry, { registry, region: 'elsewhere', planId, key })

  expect(await run.prepare(run.step({}))).toMatchObject({
    kind: 'paused',
    reason: expect.stringContaining('in motion in elsewhere under plan-elsewhere'),
  })
  expect(await binding()).toMatchObject({ epoch: 1 })

  const stored = await run.ports.records.read('moves', key)
  if (!stored) throw new Error('the move is gone')
  const arrived = { ...stored.value, outcome: { kind: 'done', atMs: run.clock.ms } } as const
  await run.ports.records.replace('moves', key, arrived, stored.etag)
  expect(await run.prepare(run.step({}))).toMatchObject({ kind: 'done' })
})
