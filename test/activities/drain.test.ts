import { beforeEach, expect, test } from 'vitest'
import { createCheckDrain } from '../../src/activities/drain.ts'
import { createEndForwardings } from '../../src/activities/forwardings.ts'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'
import { REGION } from '../support/small-region.ts'

const SECOND_MS = 1000
const HOUR_MS = 3_600_000
let run: MovingRun
beforeEach(async () => {
  run = await aMovingRun()
})

async function routed(replica = run.replica) {
  const step = run.step({ replica })
  await run.prepare(step)
  await run.rebind(step)
  await run.route(step)
  return step
}

const forwardings = async () =>
  (await run.ports.records.list('forwardings', { limit: 100 })).map(({ value }) => value)
const endForwardings = () => createEndForwardings(run.ports)()

test('a drain ends no sooner than the quiet time after the last request, and not while anything is open', async () => {
  const step = await routed()
  const routedMs = run.clock.ms
  const [move] = await run.ports.records.list('moves', { limit: 1 })
  const quietMs = move?.value.drain?.quietMs ?? 0
  expect(quietMs).toBeGreaterThanOrEqual(120 * SECOND_MS)
  for (let look = 0; look < 1000; look += 1) {
    const residue = await run.ports.traffic.residue(run.replica, StampId.parse(move?.value.from))
    const answer = await run.drain(step)
    if (answer.kind === 'drained') {
      expect(residue).toMatchObject({ inFlight: 0, openUploads: 0 })
      expect(run.clock.ms - (residue.lastRequestAtMs ?? 0)).toBeGreaterThanOrEqual(quietMs)
      expect(run.clock.ms - routedMs).toBeLessThan(HOUR_MS)
      return
    }
    run.clock.ms += 5 * SECOND_MS
  }
  expect.unreachable('it never drained')
})

test('the quiet time is noted before the route changes, from the TTL and the traffic of the day before', async () => {
  await routed()
  const [move] = await run.ports.records.list('moves', { limit: 1 })
  // acme06 has 5 to 10 requests a minute: 12 s from one to the next at night.
  expect(move?.value.drain).toEqual({ quietMs: 120_000, ttlSeconds: 60, gapP99Ms: 12_000 })
})

test('a caller who wants a shorter deadline does not get one', async () => {
  run.twin.inject({ kind: 'slow-drain', replica: run.replica })
  const step = await routed()
  run.clock.ms += 60 * SECOND_MS
  expect(await run.drain({ ...step, deadlineMs: 1 })).toMatchObject({ kind: 'draining' })
  expect(await forwardings()).toEqual([])
})

test('at the deadline a forwarding begins once, however often the drain is looked at', async () => {
  run = await aMovingRun('acme01')
  run.twin.inject({ kind: 'slow-drain', replica: run.replica })
  const step = await routed()
  run.clock.ms += HOUR_MS
  expect(await run.drain(step)).toMatchObject({ kind: 'drained' })
  run.clock.ms += SECOND_MS
  expect(await run.drain(step)).toMatchObject({ kind: 'drained' })
  const all = await forwardings()
  expect(all).toMatchObject([{ replica: run.replica, owner: 'operator', ended: null }])
  expect(all[0]?.expiresAtMs).toBe((all[0]?.sinceMs ?? 0) + 24 * HOUR_MS)
})

test('quiet counts to where telemetry ends, and telemetry from before the route changed tells of none', async () => {
  const { ports, clock } = run
  const step = await routed()
  const routedMs = clock.ms
  const known = { lastRequestAtMs: null as number | null, knownUntilMs: routedMs - 1 }
  const late: typeof ports.traffic = {
    ...ports.traffic,
    residue: async () => ({ ...known, inFlight: 0, openUploads: 0, stragglers: [] }),
  }
  const drain = () => createCheckDrain({ ...ports, traffic: late })(step)
  clock.ms += 10 * 60 * SECOND_MS
  expect(await drain()).toMatchObject({
    kind: 'draining',
    detail: expect.stringMatching(/known until .*59\.999Z$/),
  })
  Object.assign(known, {
    lastRequestAtMs: routedMs + 60 * SECOND_MS,
    knownUntilMs: routedMs + 179 * SECOND_MS,
  })
  expect(await drain()).toMatchObject({ kind: 'draining' })
  known.knownUntilMs += SECOND_MS
  expect(await drain()).toEqual({
    kind: 'drained',
    detail: 's-b has had no request for 120 s, longer than 120 s',
  })
})

test('a forwarding ends when its traffic has left, and stays ended', async () => {
  run = await aMovingRun('acme01')
  run.twin.inject({ kind: 'slow-drain', replica: run.replica })
  const step = await routed()
  run.clock.ms += HOUR_MS
  await run.drain(step)
  await endForwardings()
  expect((await forwardings())[0]?.ended).toBeNull()

  run.clock.ms += 4 * HOUR_MS
  await endForwardings()
  const [ended] = await forwardings()
  expect(ended?.ended).toMatchObject({ why: 'quiet', atMs: run.clock.ms })
  run.clock.ms += HOUR_MS
  await endForwardings()
  expect(await forwardings()).toEqual([ended])
})

test('a forwarding of a replica that is home again ends as that', async () => {
  run = await aMovingRun('acme01')
  run.twin.inject({ kind: 'slow-drain', replica: run.replica })
  const step = await routed()
  run.clock.ms += HOUR_MS
  await run.drain(step)
  await run.fail({ ...step, reason: 'no pull' })
  const back = run.step({ direction: 'reverse', sequence: 2 })
  for (const make of [run.prepare, run.rebind, run.route])
    expect(await make(back)).toMatchObject({ kind: 'done' })
  await endForwardings()
  expect((await forwardings())[0]?.ended).toMatchObject({ why: 'home again' })
})

test('a forwarding with traffic to the end is over at its expiry, and says who was still there', async () => {
  const { ports, clock, replica } = run
  const step = await routed()
  const clinging = {
    ...ports.traffic,
    residue: async () => ({
      ...{ lastRequestAtMs: clock.ms, inFlight: 1, openUploads: 1 },
      stragglers: [{ kind: 'upload' as const, id: 'upload-7' }],
    }),
  }
  clock.ms += HOUR_MS
  await createCheckDrain({ ...ports, traffic: clinging })(step)
  const [open] = await forwardings()
  clock.ms = (open?.expiresAtMs ?? 0) - 1
  await createEndForwardings({ ...ports, traffic: clinging })()
  expect((await forwardings())[0]?.ended).toBeNull()
  clock.ms += 1
  await createEndForwardings({ ...ports, traffic: clinging })()
  expect((await forwardings())[0]).toMatchObject({
    replica,
    ended: { why: 'expired', left: { inFlight: 1, openUploads: 1, stragglers: ['upload-7'] } },
  })
})

test('a replica of another batch is none to drain', async () => {
  const answer = await run.drain(run.step({ replica: replicaId('acme01', REGION) }))
  expect(answer).toMatchObject({ kind: 'refused' })
})
