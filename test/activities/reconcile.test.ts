import { beforeEach, expect, test } from 'vitest'
import { createHoldForeign } from '../../src/activities/foreign-rebinds.ts'
import { createReconcile } from '../../src/activities/reconcile.ts'
import { StampId } from '../../src/domain/ids.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { turnSwitch } from '../../src/queries/switches.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'
import { REGION } from '../support/small-region.ts'

const MINUTE_MS = 60_000
const [away, elsewhere] = [StampId.parse('s-c'), StampId.parse('s-a')]
let run: MovingRun
beforeEach(async () => {
  run = await aMovingRun()
})

const reconcile = (change: Partial<Ports> = {}) => createReconcile({ ...run.ports, ...change })()
const holdForeign = () => createHoldForeign(run.ports)()
const routed = async () => (await run.ports.traffic.route(run.replica))?.stamp
const repairs = async () =>
  (await run.ports.records.list('repairs', { limit: 100 })).map(({ value }) => value)
const hold = async () => (await run.ports.records.read('controls', run.plan.id))?.value.hold

/** Somebody else binds the replica. */
async function bindElsewhere(to = elsewhere): Promise<void> {
  const epoch = (await run.ports.catalog.binding(run.replica))?.epoch ?? 0
  await run.ports.catalog.rebind({
    replica: run.replica,
    to,
    expectedEpoch: epoch,
    moveKey: `theirs-${epoch}`,
  })
}

test('a route that does not lead where its replica is bound is led there within one look, and that is written down', async () => {
  const home = await routed()
  await bindElsewhere()
  await reconcile()
  expect(await routed()).toBe(elsewhere)
  expect(await repairs()).toEqual([
    { replica: run.replica, from: home, to: elsewhere, epoch: 2, atMs: run.clock.ms },
  ])
  await reconcile()
  expect(await repairs()).toHaveLength(1)
})

test('a cutover that has just re-bound leads the route itself; one that died is helped after a minute', async () => {
  await run.prepare(run.step({}))
  await run.rebind(run.step({}))
  const home = await routed()
  await reconcile()
  expect(await routed()).toBe(home)
  run.clock.ms += MINUTE_MS
  await reconcile()
  expect(await routed()).toBe(away)
  expect(await run.route(run.step({}))).toMatchObject({ kind: 'done' })
})

test('a route that leads nowhere is led to where its replica is bound', async () => {
  const home = await routed()
  let lost = true
  const traffic: Ports['traffic'] = {
    ...run.ports.traffic,
    route: async (replica) => {
      const route = await run.ports.traffic.route(replica)
      return lost && route ? { ...route, stamp: null } : route
    },
    routes: async () => [{ replica: run.replica, stamp: null }],
    setRoute: async (change) => {
      lost = false
      return run.ports.traffic.setRoute(change)
    },
  }
  await reconcile({ traffic })
  expect(await repairs()).toMatchObject([{ replica: run.replica, from: null, to: home }])
})

test('a route that can not be repaired keeps no other one astray, and is told of', async () => {
  const bindings = await run.ports.catalog.bindings()
  const [stuck, ...others] = bindings.filter(({ homeStamp }) => homeStamp !== elsewhere)
  const led: string[] = []
  const traffic: Ports['traffic'] = {
    ...run.ports.traffic,
    routes: async () => bindings.map(({ replica }) => ({ replica, stamp: elsewhere })),
    route: async () => ({ stamp: elsewhere, ttlSeconds: 60 }),
    setRoute: async ({ replica }) => {
      if (replica === stuck?.replica) throw new Error(`${replica} has no endpoint`)
      led.push(replica)
      return 'routed'
    },
  }
  await expect(reconcile({ traffic })).rejects.toThrow(`${stuck?.replica} has no endpoint`)
  expect(others.length).toBeGreaterThan(0)
  expect(new Set(led)).toEqual(new Set(others.map(({ replica }) => replica)))
})

test('what was prepared for a move is put back once the move has ended, and not before', async () => {
  const settled: string[] = []
  const traffic: Ports['traffic'] = {
    ...run.ports.traffic,
    routes: async (region) =>
      (await run.ports.traffic.routes(region)).map((route) =>
        route.replica === run.replica
          ? { ...route, preparedFor: `${run.plan.id}/${run.replica}/001` }
          : route,
      ),
    settleRoute: async (replica) => {
      settled.push(replica)
    },
  }
  await run.prepare(run.step({}))
  await reconcile({ traffic })
  await run.whole(run.step({}))
  expect(settled).toEqual([])
  await reconcile({ traffic })
  expect(settled).toEqual([run.replica])
})

test('nothing is repaired while the region is frozen, and all is once the freeze is lifted', async () => {
  const home = await routed()
  await bindElsewhere()
  const turn = { scope: REGION, by: 'operator', reason: 'looking', atMs: run.clock.ms }
  await turnSwitch(run.ports, { ...turn, setting: 'freeze' })
  await reconcile()
  expect(await routed()).toBe(home)
  expect(await repairs()).toEqual([])
  await turnSwitch(run.ports, { ...turn, setting: 'off' })
  await reconcile()
  expect(await routed()).toBe(elsewhere)
})

test('a replica that is re-bound while its route is repaired ends where it is bound last', async () => {
  await bindElsewhere()
  let slept = false
  const traffic: Ports['traffic'] = {
    ...run.ports.traffic,
    setRoute: async (change) => {
      if (!slept) {
        slept = true
        await bindElsewhere(away)
        await reconcile()
      }
      return run.ports.traffic.setRoute(change)
    },
  }
  await reconcile({ traffic })
  expect(await routed()).toBe(away)
  expect((await run.ports.catalog.binding(run.replica))?.homeStamp).toBe(away)
})

test('a replica of the plan that somebody else re-bound holds it, once for each time', async () => {
  expect(await holdForeign()).toEqual([])
  await bindElsewhere()
  expect(await holdForeign()).toEqual([run.plan.id])
  expect((await hold())?.reason).toBe(
    `${run.replica} was bound to s-a (epoch 2) by somebody else; this plan had left it at s-b`,
  )
  expect(await holdForeign()).toEqual([])
  await bindElsewhere(away)
  expect(await holdForeign()).toEqual([run.plan.id])
})

test('the own moves of a plan hold nothing, at none of their steps, forth and back', async () => {
  const step = run.step({})
  const back = run.step({ direction: 'reverse', sequence: 2 })
  for (const make of [run.prepare, run.rebind, run.route]) {
    await make(step)
    expect(await holdForeign()).toEqual([])
  }
  await run.fail({ ...step, reason: 'no pull' })
  for (const make of [run.prepare, run.rebind, run.route]) {
    await make(back)
    expect(await holdForeign()).toEqual([])
  }
})

test('a landed replica that somebody else took is theirs: a rollback leaves it out', async () => {
  const { createListLanded } = await import('../../src/activities/landed.ts')
  const { planId, digest } = run.step({})
  await run.whole(run.step({}))
  const list = () => createListLanded(run.ports)({ planId, digest, gate: null })
  expect((await list()).replicas).toHaveLength(1)
  await bindElsewhere()
  expect((await list()).replicas).toEqual([])
})
