import { expect, test } from 'vitest'
import { createCheckLimits } from '../../src/activities/limits.ts'
import { StampId } from '../../src/domain/ids.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'

const HOUR_MS = 3_600_000
const away = StampId.parse('s-c')

const check = ({ plan, gate, ports }: MovingRun, change: Partial<Ports> = {}) =>
  createCheckLimits({ ...ports, ...change })({ planId: plan.id, digest: plan.digest, gate })

/** The destination's nodes, now and at most: too few of them for what is to come. */
const withNodes = ({ ports }: MovingRun, nodes: number): Partial<Ports> => ({
  capacity: {
    ...ports.capacity,
    pools: async (stamp) =>
      (await ports.capacity.pools(stamp)).map((pool) => ({ ...pool, nodes, maxNodes: nodes })),
  },
})

test('a batch whose destination stays below hot may go', async () => {
  expect(await check(await aMovingRun('acme01'))).toEqual({ kind: 'ok' })
})

test('a batch that would make its destination hot is refused with what it would show, and at how many nodes', async () => {
  const run = await aMovingRun('acme01')
  expect(await check(run, withNodes(run, 1))).toMatchObject({
    kind: 'refused',
    reason: expect.stringMatching(
      /^s-c compute would show hot-node P95 \d+\.\d % at 1 nodes after this batch, hot from 70 %/,
    ),
  })
})

test('moves that have only just landed count with the whole day of their load', async () => {
  const alone = await aMovingRun('acme02')
  expect(await check(alone, withNodes(alone, 2))).toEqual({ kind: 'ok' })

  const run = await aMovingRun('acme01')
  await run.whole(run.step({}))
  const second = run.plan.moves.find(({ registry }) => registry === 'acme02')
  const next = { ...run, gate: `${second?.phase}-${second?.batch}` }
  expect(await check(next, withNodes(run, 2))).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining('after this batch'),
  })
})

test('what is there already is not added again', async () => {
  const run = await aMovingRun('acme01')
  await run.whole(run.step({}))
  expect(await check(run)).toEqual({ kind: 'ok' })
})

test('a destination that sends too little to predict from is refused', async () => {
  const run = await aMovingRun('acme01')
  const fromMs = run.clock.ms
  run.twin.inject({ kind: 'silent-source', stamp: away, fromMs, untilMs: fromMs + 14 * HOUR_MS })
  run.clock.ms += 16 * HOUR_MS
  expect(await check(run)).toMatchObject({
    kind: 'refused',
    reason: expect.stringContaining("after this batch can't be predicted: insufficient data"),
  })
})
