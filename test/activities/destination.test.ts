import { expect, test } from 'vitest'
import { createPrepare } from '../../src/activities/cutover-steps.ts'
import { createRestoreMinimums } from '../../src/activities/raised-minimums.ts'
import { StampId } from '../../src/domain/ids.ts'
import { predictedNeed } from '../../src/domain/need.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'

const MINUTE_MS = 60_000
const away = StampId.parse('s-c')
const minimumOf = async ({ ports }: MovingRun) => (await ports.capacity.pools(away))[0]?.minNodes
const raised = async ({ ports }: MovingRun) =>
  (await ports.records.list('minimums', { limit: 10 })).map(({ value }) => value)
const restore = ({ ports }: MovingRun) => createRestoreMinimums(ports)()

test('the minimum is raised to what the plan predicts, once, with what it was on record first', async () => {
  const run = await aMovingRun()
  const before = await minimumOf(run)
  const need = predictedNeed(run.plan, { stamp: away, role: 'compute' })
  expect(need).toBeGreaterThan(before ?? 0)
  expect(await run.prepare(run.step({}))).toMatchObject({ kind: 'done' })
  expect(await minimumOf(run)).toBe(need)
  await run.prepare(run.step({}))
  expect(await raised(run)).toMatchObject([{ before, raisedTo: need, ended: null }])
})

test('nodes that are not ready are waited for, and refused with what is missing when the time is over', async () => {
  const run = await aMovingRun()
  const asleep: Ports['capacity'] = {
    ...run.ports.capacity,
    pools: async (stamp) =>
      (await run.ports.capacity.pools(stamp)).map((pool) => ({ ...pool, readyNodes: 1 })),
  }
  await run.prepare(run.step({ replica: run.replica })) // admitted
  await run.fail({ ...run.step({}), reason: 'begin anew' })
  const prepare = createPrepare({ ...run.ports, capacity: asleep })
  expect(await prepare(run.step({}))).toEqual({
    kind: 'waiting',
    detail: 's-c has too few ready nodes: compute 1/4',
  })
  run.clock.ms += 15 * MINUTE_MS
  expect(await prepare(run.step({}))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('compute 1/4, after 15 min'),
  })
})

test('a cache is waited for until it is warm, and gone without when its time is over', async () => {
  const run = await aMovingRun()
  const cold: Ports['traffic'] = { ...run.ports.traffic, warm: async () => ({ share: 0.4 }) }
  await run.prepare(run.step({}))
  await run.fail({ ...run.step({}), reason: 'begin anew' })
  const prepare = createPrepare({ ...run.ports, traffic: cold })
  expect(await prepare(run.step({}))).toEqual({ kind: 'waiting', detail: 'the cache of s-c is 40 % warm' })
  run.clock.ms += 10 * MINUTE_MS
  expect(await prepare(run.step({}))).toMatchObject({ kind: 'done' })
})

test('a cache that nobody can tell of is not waited for, and is not called warm', async () => {
  const run = await aMovingRun()
  const dark: Ports['traffic'] = { ...run.ports.traffic, warm: async () => ({ share: null }) }
  await run.prepare(run.step({}))
  await run.fail({ ...run.step({}), reason: 'begin anew' })
  expect(await createPrepare({ ...run.ports, traffic: dark })(run.step({}))).toMatchObject({
    kind: 'done',
    detail: expect.stringMatching(/cache not known to be warm$/),
  })
})

test('a route that is being prepared is waited for, and gone without when its time is over; a way home prepares none', async () => {
  const run = await aMovingRun()
  const asked: string[] = []
  const slow: Ports['traffic'] = {
    ...run.ports.traffic,
    prepareRoute: async ({ moveKey, to }) => {
      asked.push(`${moveKey} ${to}`)
      return { readyInMs: 240_000 }
    },
  }
  await run.prepare(run.step({}))
  await run.fail({ ...run.step({}), reason: 'begin anew' })
  const prepare = createPrepare({ ...run.ports, traffic: slow })
  expect(await prepare(run.step({}))).toEqual({
    kind: 'waiting',
    detail: `clients go by the shorter TTL of ${run.replica} in 240 s`,
  })
  run.clock.ms += 15 * MINUTE_MS
  expect(await prepare(run.step({}))).toMatchObject({ kind: 'done' })
  expect(asked).toEqual(Array(2).fill(`${run.plan.id}/${run.replica}/001 s-c`))

  await run.whole(run.step({}))
  await run.judgeWorse()
  await run.at({ kind: 'reversing', gate: run.gate, sinceMs: run.clock.ms, reason: 'worse' })
  expect(await prepare(run.step({ direction: 'reverse', sequence: 2 }))).toMatchObject({ kind: 'done' })
  expect(asked).toHaveLength(2)
})

test('a minimum is lowered again once nothing of the plan is there, and not before', async () => {
  const run = await aMovingRun()
  const before = await minimumOf(run)
  await run.whole(run.step({}))
  await restore(run)
  expect(await minimumOf(run)).toBeGreaterThan(before ?? 0)

  await run.judgeWorse()
  await run.at({ kind: 'reversing', gate: run.gate, sinceMs: run.clock.ms, reason: 'worse' })
  const back = run.step({ direction: 'reverse', sequence: 2 })
  await run.prepare(back)
  await run.rebind(back)
  await restore(run)
  expect(await minimumOf(run)).toBeGreaterThan(before ?? 0)
  await run.whole(back)
  await restore(run)
  expect(await minimumOf(run)).toBe(before)
  expect(await raised(run)).toMatchObject([{ ended: { how: 'restored' } }])
})

test('a minimum that somebody else has set since stays', async () => {
  const run = await aMovingRun()
  await run.prepare(run.step({}))
  await run.ports.capacity.setMinimum({ stamp: away, role: 'compute', minNodes: 6 })
  await run.fail({ ...run.step({}), reason: 'no' })
  await restore(run)
  expect(await minimumOf(run)).toBe(6)
  expect(await raised(run)).toMatchObject([{ ended: { how: 'kept' } }])
})
