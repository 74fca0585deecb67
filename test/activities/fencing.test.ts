import { beforeEach, describe, expect, test } from 'vitest'
import { createRebind } from '../../src/activities/cutover-steps.ts'
import { partsOf, RegionName, StampId } from '../../src/domain/ids.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'

let run: MovingRun
beforeEach(async () => {
  run = await aMovingRun()
})

const away = StampId.parse('s-c')
const binding = () => run.ports.catalog.binding(run.replica)
const staleWriters = async () =>
  (await run.ports.records.list('staleWriters', { limit: 100 })).map(({ value }) => value.words)
const reversing = () => run.at({ kind: 'reversing', gate: run.gate, sinceMs: run.clock.ms, reason: 'worse' })
const moving = () => run.at({ kind: 'moving', gate: run.gate, sinceMs: run.clock.ms })

/** A new answer, as after a reversal. */
async function approveAgain(): Promise<void> {
  const { planId, digest } = run.step({})
  const id = `${planId}/${run.gate}/002`
  const answer = { answer: 'approve', by: 'approver', reason: 'again', expiresAtMs: null } as const
  const decision = { id, planId, digest, gates: [run.gate], atMs: run.clock.ms, ...answer }
  await run.ports.records.create('decisions', id, decision)
}

async function forthBackForth(): Promise<void> {
  await run.whole(run.step({}))
  await run.judgeWorse()
  await reversing()
  await run.whole(run.step({ direction: 'reverse', sequence: 2 }))
  await approveAgain()
  await moving()
  await run.whole(run.step({ sequence: 3 }))
}

describe('each step of a reversal that comes again after a newer move', () => {
  test.each(['prepare', 'rebind', 'route', 'verify'] as const)('changes nothing: %s', async (name) => {
    await forthBackForth()
    const before = await binding()
    expect(before).toMatchObject({ homeStamp: away, epoch: 4 })
    await reversing()

    const late = await run[name](run.step({ direction: 'reverse', sequence: 2 }))
    expect(late).toMatchObject({
      kind: 'refused',
      reason: expect.stringContaining('after move 3 had begun'),
    })
    expect(await binding()).toEqual(before)
    expect(await run.ports.traffic.route(run.replica)).toMatchObject({ stamp: away })
    expect(await run.ports.records.list('moves', { limit: 100 })).toHaveLength(3)
    expect(await staleWriters()).toEqual([
      `${name} of move 2 of ${run.replica} came after move 3 had begun; it changed nothing`,
    ])
  })
})

test('a step that is made again changes nothing and answers as before', async () => {
  const step = run.step({})
  const first = await run.prepare(step)
  expect(await run.prepare(step)).toEqual(first)
  const bound = await run.rebind(step)
  expect(await run.rebind(step)).toEqual(bound)
  expect(await binding()).toMatchObject({ homeStamp: away, epoch: 2 })
  expect(await run.route(step)).toEqual(await run.route(step))
  expect(await run.verify(step)).toMatchObject({ reason: expect.stringContaining('has not drained') })
  run.clock.ms += 3 * 3_600_000
  expect(await run.drain(step)).toMatchObject({ kind: 'drained' })
  expect(await run.drain(step)).toMatchObject({ kind: 'drained' })
  expect(await run.verify(step)).toEqual(await run.verify(step))
  expect(await run.prepare(step)).toEqual({ kind: 'movedBefore' })
})

test('a re-bind that fell asleep before it looked, and woke after its move was undone, loses and is counted', async () => {
  const step = run.step({})
  await run.prepare(step)
  await run.rebind(step)
  const { ports } = run
  const catalog: Ports['catalog'] = {
    ...ports.catalog,
    binding: async (replica) => {
      await run.fail({ ...step, reason: 'it was too slow' })
      await run.whole(run.step({ direction: 'reverse', sequence: 2 }))
      return ports.catalog.binding(replica)
    },
  }
  expect(await createRebind({ ...ports, catalog })(step)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('by somebody else since its move began'),
  })
  expect(await binding()).toMatchObject({ homeStamp: 's-b', epoch: 3 })
  expect(await staleWriters()).toHaveLength(1)
})

test('a re-bind by somebody else between prepare and re-bind is left alone, and counted as seen', async () => {
  const step = run.step({})
  await run.prepare(step)
  const elsewhere = StampId.parse('s-b')
  const there = { replica: run.replica, to: elsewhere, expectedEpoch: 1, moveKey: 'somebody' }
  await run.ports.catalog.rebind(there)

  expect(await run.rebind(step)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('by somebody else'),
  })
  expect(await binding()).toMatchObject({ homeStamp: elsewhere, epoch: 2 })
  expect(await staleWriters()).toHaveLength(1)
})

test('a re-bind whose answer was lost, and that somebody took back since, counts as landed and is not made twice', async () => {
  const step = run.step({})
  const home = (await binding())?.homeStamp ?? away
  await run.prepare(step)
  const { ports } = run
  const catalog: Ports['catalog'] = {
    ...ports.catalog,
    rebind: async (move) => {
      await ports.catalog.rebind(move)
      throw new Error('the answer was lost')
    },
  }
  await expect(createRebind({ ...ports, catalog })(step)).rejects.toThrow('the answer was lost')
  const back = { replica: run.replica, to: home, expectedEpoch: 2, moveKey: 'somebody' }
  await ports.catalog.rebind(back)

  expect(await run.fail({ ...step, reason: 'no answer' })).toEqual({ kind: 'recorded' })
  expect(await run.rebind(step)).toMatchObject({ kind: 'refused' })
  expect(await run.prepare(step)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('by somebody else since its move; skip it, or plan anew'),
  })
  expect(await binding()).toMatchObject({ homeStamp: home, epoch: 3, lastMoveKey: 'somebody' })
})

test('a replica that somebody took away and back meanwhile is left alone, too', async () => {
  const step = run.step({})
  await run.prepare(step)
  const home = (await binding())?.homeStamp ?? away
  const theirs = { replica: run.replica, moveKey: 'somebody' }
  await run.ports.catalog.rebind({ ...theirs, to: away, expectedEpoch: 1 })
  await run.ports.catalog.rebind({ ...theirs, to: home, expectedEpoch: 2, moveKey: 'somebody-again' })

  expect(await run.rebind(step)).toMatchObject({ kind: 'refused' })
  expect(await binding()).toMatchObject({ homeStamp: home, epoch: 3 })
})

test('a route is not led where the replica is no longer bound', async () => {
  const step = run.step({})
  await run.prepare(step)
  await run.rebind(step)
  const theirs = { replica: run.replica, to: StampId.parse('s-b'), expectedEpoch: 2, moveKey: 'somebody' }
  await run.ports.catalog.rebind(theirs)
  const before = await run.ports.traffic.route(run.replica)

  expect(await run.route(step)).toMatchObject({ kind: 'refused' })
  expect(await run.ports.traffic.route(run.replica)).toEqual(before)
  expect(await staleWriters()).toHaveLength(1)
})

test('a move that failed before it landed begins anew; one that landed names the move that undoes it', async () => {
  const step = run.step({})
  await run.prepare(step)
  expect(await run.fail({ ...step, reason: 'no nodes' })).toEqual({ kind: 'recorded' })
  expect(await run.rebind(step)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('no nodes'),
  })

  expect(await run.prepare(step)).toMatchObject({ kind: 'done' })
  expect(await run.rebind(step)).toMatchObject({ kind: 'done' })
  expect(await run.fail({ ...step, reason: 'no pull' })).toEqual({ kind: 'recorded', goBack: 2 })
  expect(await run.fail({ ...step, reason: 'no pull' })).toEqual({ kind: 'recorded', goBack: 2 })
})

/** From now on its calendar lists no window. */
async function shut(): Promise<void> {
  const stored = await run.ports.records.read('plans', run.plan.id)
  if (!stored) throw new Error('the plan is not on record')
  const closed = { ...stored.value, policy: { ...stored.value.policy, windows: [] } }
  await run.ports.records.replace('plans', run.plan.id, closed, stored.etag)
}
const paused = { kind: 'paused', reason: expect.stringContaining('no window') }

test('a move that failed before it landed begins anew in a window only; one that was under way goes on outside of it', async () => {
  const step = run.step({})
  await run.prepare(step)
  await shut()
  expect(await run.prepare(step)).toMatchObject({ kind: 'done' })
  await run.fail({ ...step, reason: 'no nodes' })
  expect(await run.prepare(step)).toMatchObject(paused)
  const log = await run.ports.records.list('moves', { limit: 100 })
  expect(log.map(({ value }) => value.outcome)).toMatchObject([{ kind: 'failed' }])
})

test('a move that waited for its turn until its window was over waits for the next one', async () => {
  const { registry } = partsOf(run.replica)
  const elsewhere = { registry, region: RegionName.parse('elsewhere'), planId: run.plan.id, key: 'other' }
  await run.ports.records.create('motions', registry, elsewhere)
  await run.ports.records.create('moves', 'other', { ...(await aMove()), key: 'other' })
  expect(await run.prepare(run.step({}))).toMatchObject({
    kind: 'paused',
    reason: expect.stringContaining('in motion in elsewhere'),
  })
  await shut()
  expect(await run.prepare(run.step({}))).toMatchObject(paused)
})

/** One that has no outcome yet. */
async function aMove(): Promise<MoveRecord> {
  const [move] = run.plan.moves
  if (!move || move.to === 'new') throw new Error('the plan moves nothing')
  const where = { planId: run.plan.id, replica: run.replica, gate: run.gate, from: move.from, to: move.to }
  return { ...where, key: 'one', direction: 'forward', steps: [], outcome: null, begunMs: run.clock.ms }
}

test('a re-bind that took effect and was never recorded is found again in the catalog when its move fails', async () => {
  const step = run.step({})
  await run.prepare(step)
  const moveKey = `${run.plan.id}/${run.replica}/001`
  const { ports } = run
  const catalog: Ports['catalog'] = {
    ...ports.catalog,
    rebind: async (move) => {
      await ports.catalog.rebind(move)
      throw new Error('the answer was lost')
    },
  }
  await expect(createRebind({ ...ports, catalog })(step)).rejects.toThrow('the answer was lost')
  expect(await binding()).toMatchObject({ homeStamp: away, lastMoveKey: moveKey })

  expect(await run.fail({ ...step, reason: 'the answer was lost' })).toEqual({ kind: 'recorded', goBack: 2 })
})
