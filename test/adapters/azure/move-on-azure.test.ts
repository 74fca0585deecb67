import { beforeEach, expect, test } from 'vitest'
import {
  createPrepare,
  createRebind,
  createRoute,
  createVerify,
} from '../../../src/activities/cutover-steps.ts'
import { createCheckDrain } from '../../../src/activities/drain.ts'
import { createFailMove } from '../../../src/activities/landed.ts'
import { createReconcile } from '../../../src/activities/reconcile.ts'
import { StampId } from '../../../src/domain/ids.ts'
import type { Ports } from '../../../src/ports/ports.ts'
import { aMovingRun, type MovingRun } from '../../support/moving-run.ts'
import { REGION } from '../../support/small-region.ts'
import { azureTrafficOver, profileOf } from './azure-region.ts'

const SECOND_MS = 1000
const LATE_MS = 3 * 60 * SECOND_MS
const LOOKS_MAX = 400
let run: MovingRun
let azure: ReturnType<typeof azureTrafficOver>
let ports: Ports

/** The steps of one move with Azure's traffic in front of the simulated region, and logs that are three minutes late. */
beforeEach(async () => {
  run = await aMovingRun()
  const clock = { nowMs: () => run.clock.ms }
  const stamps = ['s-a', 's-b', 's-c']
  azure = azureTrafficOver({ region: REGION, stamps, behind: run.ports.traffic, clock, lateMs: LATE_MS })
  for (const { replica, stamp } of await run.ports.traffic.routes(REGION))
    azure.add(replica, stamp ?? '', 120)
  ports = { ...run.ports, traffic: azure.traffic }
  await run.prepare(run.step({})) // admitted, its nodes are ready
  await run.fail({ ...run.step({}), reason: 'begin anew' })
})

const profile = () => azure.routing.profile(profileOf(run.replica))
const enabled = () =>
  profile().endpoints.flatMap((each) => (each.endpointStatus === 'Enabled' ? [each.name] : []))

/** Asks again and again until a step says something else than that it waits. */
async function until<T extends { readonly kind: string }>(waits: string, look: () => Promise<T>): Promise<T> {
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const answer = await look()
    if (answer.kind !== waits) return answer
    run.clock.ms += 5 * SECOND_MS
  }
  throw new Error(`still ${waits} after ${LOOKS_MAX} looks`)
}

test("a move on Azure waits for its shorter TTL, leads the region's clients, drains by what logs know, and leaves the TTL as it was", async () => {
  const step = run.step({})
  const beganMs = run.clock.ms
  expect(await until('waiting', () => createPrepare(ports)(step))).toMatchObject({ kind: 'done' })
  expect(run.clock.ms - beganMs).toBe(180 * SECOND_MS)
  expect(profile().ttl).toBe(10)

  await createRebind(ports)(step)
  expect(await createRoute(ports)(step)).toEqual({ kind: 'done', detail: 's-c, TTL 120 s' })
  expect(await run.ports.traffic.route(run.replica)).toMatchObject({ stamp: 's-c' })
  expect(enabled()).toEqual(['s-c'])

  const routedMs = run.clock.ms
  const drained = await until('draining', () => createCheckDrain(ports)(step))
  expect(drained).toMatchObject({
    kind: 'drained',
    detail: expect.stringMatching(/no request for 2\d\d s, longer than 240 s$/),
  })
  const { lastRequestAtMs } = await run.ports.traffic.residue(run.replica, StampId.parse('s-b'))
  expect(run.clock.ms - Math.max(lastRequestAtMs ?? 0, routedMs)).toBeGreaterThanOrEqual(LATE_MS)
  await createReconcile(ports)()
  expect(profile().ttl).toBe(10)

  expect(await createVerify(ports)(step)).toMatchObject({ kind: 'done' })
  await createReconcile(ports)()
  expect(profile().ttl).toBe(120)
  expect(await azure.traffic.routes(REGION)).toContainEqual({ replica: run.replica, stamp: 's-c' })
})

test('a move that fails before it is bound leaves the TTL as it was, and nobody anywhere else', async () => {
  const before = enabled()
  await createPrepare(ports)(run.step({}))
  expect(profile().ttl).toBe(10)
  await createFailMove(ports)({ ...run.step({}), reason: 'no nodes' })
  await createReconcile(ports)()

  expect(profile().ttl).toBe(120)
  expect(enabled()).toEqual(before)
})

test('a route whose switch broke off half-way is ended by the reconciler, once the move is not about to do so itself', async () => {
  const step = run.step({})
  await until('waiting', () => createPrepare(ports)(step))
  await createRebind(ports)(step)
  azure.routing.disturb(({ method, path }) =>
    method === 'PATCH' && path.endsWith('/s-b')
      ? { status: 500, body: { error: { code: 'X', message: 'no' } } }
      : undefined,
  )
  await expect(createRoute(ports)(step)).rejects.toMatchObject({ name: 'AzureUnavailable' })
  expect(enabled()).toEqual(['s-b', 's-c'])
  azure.routing.disturb(null)
  run.clock.ms += 61 * SECOND_MS
  await createReconcile(ports)()

  expect(enabled()).toEqual(['s-c'])
  expect((await ports.records.list('repairs', { limit: 10 })).map(({ value }) => value)).toMatchObject([
    { replica: run.replica, from: 's-b', to: 's-c' },
  ])
  expect(await createRoute(ports)(step)).toMatchObject({ kind: 'done' })
})
