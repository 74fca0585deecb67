import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import type { Controls } from '../../src/domain/controls.ts'
import { StampId } from '../../src/domain/ids.ts'
import { hasEnded, type Run } from '../../src/domain/run.ts'
import { SeededFaults } from '../../src/host/testkit.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { loweringsOf } from '../../src/queries/lowerings.ts'
import { type RightSizing, SHARED_NODES, startRightSizing } from '../support/right-sizing.ts'

const KILLS = 8
const SEEDS = Number(process.env.RESTAMP_SEEDS ?? 3)
const RELIEVED = ['s-a', 's-b'] as const

let sizing: RightSizing
afterEach(() => sizing.stop())

const settled = ({ status }: Run) => hasEnded(status) || status.kind === 'held'
const minimums = () => Promise.all(RELIEVED.map((stamp) => sizing.minimum(stamp)))
const changes = async () =>
  (await loweringsOf(sizing.ports, sizing.plan.id)).map(({ stamp, direction, from, to, outcome }) =>
    [stamp, direction, from, to, outcome?.kind].join(' '),
  )
/** Each change of a pool's minimum makes its epoch grow by one; no other counts them. */
const changesMade = async (stamp: string) =>
  ((await sizing.ports.capacity.pools(StampId.parse(stamp)))[0]?.epoch ?? 0) - 1
const heat = (ports: Ports, stamp: string, onceAt: number, inject: () => void): Ports => ({
  ...ports,
  capacity: {
    ...ports.capacity,
    changeMinimum: async (change) => {
      const outcome = await ports.capacity.changeMinimum(change)
      if (change.stamp === stamp && change.minNodes === onceAt && outcome.kind === 'changed') inject()
      return outcome
    },
  },
})

const LOWEST = 3
const STEPS = ['right-size-1', 'right-size-2', 'right-size-3']

async function expectLowered() {
  expect(await minimums()).toEqual([LOWEST, LOWEST])
  for (const stamp of RELIEVED) expect(await changesMade(stamp)).toBe(STEPS.length)
  expect(await sizing.audit()).toMatchObject({ kind: 'intact' })
}

const heated = (stamp: string) => () =>
  sizing.twin.inject({ kind: 'destination-worse', stamp: StampId.parse(stamp), factor: 10 })

/** Puts an order on record as the API would; the run finds it when it next looks. */
async function order(change: (controls: Controls) => Controls) {
  const stored = await sizing.ports.records.read('controls', sizing.plan.id)
  if (!stored) throw new Error('there are no controls')
  await sizing.ports.records.replace('controls', stored.id, change(stored.value), stored.etag)
}

test('minimums that load has left go down step by step, each observed for a day, and the run completes', async () => {
  sizing = await startRightSizing()
  expect(sizing.plan.verdict).toBe('right-size')
  const { status } = await sizing.until(settled)
  expect(status.kind).toBe('completed')
  await expectLowered()
  expect(await sizing.testHost.replayCheck(sizing.plan.id)).toEqual([])
  const looks = (await sizing.ports.records.list('evaluations', { limit: 1000 })).map(({ value }) => value)
  const last = new Map(looks.filter(({ final }) => final).map((look) => [look.gate, look.verdict]))
  expect([...last]).toEqual(STEPS.map((gate) => [gate, 'betterOrEqual']))
  const lowered = await loweringsOf(sizing.ports, sizing.plan.id)
  const times = lowered.filter(({ stamp }) => stamp === 's-a').map(({ begunMs }) => begunMs)
  for (const [at, ms] of times.slice(1).entries())
    expect(ms - (times[at] ?? 0)).toBeGreaterThanOrEqual(24 * 3_600_000)
})

test('a step that heats a pool is restored, what was lowered before it stays, and a person is asked', async () => {
  sizing = await startRightSizing({ ports: (ports) => heat(ports, 's-a', 4, heated('s-a')) })
  const { status, waiting } = await sizing.until(settled)
  expect(status).toMatchObject({ kind: 'held', gate: 'right-size-2' })
  expect(waiting).toMatchObject({ person: true, what: expect.stringContaining('was reversed') })
  expect(await minimums()).toEqual([5, 5])
  expect(await changes()).toEqual([
    's-a lower 6 5 done',
    's-a lower 5 4 done',
    's-a restore 4 5 done',
    's-b lower 6 5 done',
    's-b lower 5 4 done',
    's-b restore 4 5 done',
  ])
  expect(await sizing.audit()).toMatchObject({ kind: 'intact' })
})

/** The CPU of one stamp as so many times what it was, from an instant on; nothing else is different. */
const hotter = (
  ports: Ports,
  stamp: string,
  by: { readonly times: number; readonly fromMs: () => number },
): Ports => ({
  ...ports,
  metrics: {
    ...ports.metrics,
    cpu: async (query) => {
      const samples = await ports.metrics.cpu(query)
      if (query.stamp !== stamp) return samples
      const cpuPercent = samples.cpuPercent.map((percent, at) =>
        (samples.timesMs[at] ?? 0) >= by.fromMs() ? Math.min(100, percent * by.times) : percent,
      )
      return { ...samples, cpuPercent }
    },
  },
})

test('a pool that comes above its target is restored, also where no request fails for it', async () => {
  let loweredMs = Number.POSITIVE_INFINITY
  sizing = await startRightSizing({
    ports: (ports) => {
      const heated = hotter(ports, 's-b', { times: 9, fromMs: () => loweredMs })
      return heat(heated, 's-b', 5, () => {
        loweredMs = ports.clock.nowMs()
      })
    },
  })
  const { status } = await sizing.until(settled)
  expect(status).toMatchObject({
    kind: 'held',
    reason: expect.stringContaining('above the target of 60.0 %'),
  })
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
})

test('load that has grown since the plan was made is found by the proof right before the step', async () => {
  sizing = await startRightSizing({ ports: (ports) => hotter(ports, 's-a', { times: 6, fromMs: () => 0 }) })
  const { status } = await sizing.until(settled)
  expect(status).toMatchObject({
    kind: 'held',
    reason: expect.stringContaining('s-a compute has no headroom for 5 nodes'),
  })
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
})

test('a rollback restores every step, last one first', async () => {
  sizing = await startRightSizing()
  await sizing.until(({ status }) => 'gate' in status && status.gate === 'right-size-3')
  const given = { by: 'operator', reason: 'a large customer comes', atMs: sizing.ports.clock.nowMs() }
  await order((controls) => ({ ...controls, rollback: given }))
  const { status } = await sizing.until(settled)
  expect(status.kind).toBe('rolledBack')
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
  const back = (await loweringsOf(sizing.ports, sizing.plan.id)).filter(
    ({ stamp, direction }) => stamp === 's-a' && direction === 'restore',
  )
  expect(back.map(({ to }) => to)).toEqual(back.map(({ to }) => to).toSorted((a, b) => a - b))
})

test('a run that is killed again and again on its way ends the same, each change made once', async () => {
  sizing = await startRightSizing()
  const updated = async () => (await sizing.ports.records.read('runs', sizing.plan.id))?.value.updatedAtMs
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await updated()
    for (let look = 0; look < 1000 && (await updated()) === before; look += 1) await pause(5)
    await sizing.testHost.crash()
  }
  expect((await sizing.until(settled)).status.kind).toBe('completed')
  expect(sizing.testHost.crashes).toBeGreaterThanOrEqual(KILLS)
  await expectLowered()
})

test(`a run ends the same under ${SEEDS} seeds of faults, each change made once`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    sizing = await startRightSizing({ faults: new SeededFaults(seed) })
    expect((await sizing.until(settled)).status, `seed ${seed}`).toMatchObject({ kind: 'completed' })
    await expectLowered()
    if (seed < SEEDS) await sizing.stop()
  }
}, 120_000)

test('under a freeze nothing is lowered, and nothing restored, until a person lifts it', async () => {
  const turn = (ports: Ports, number: number, setting: 'freeze' | 'off') =>
    ports.records.create('switches', `*/${999_999 - number}`, {
      ...{ scope: '*', setting, by: 'operator', reason: 'an incident next door', atMs: ports.clock.nowMs() },
    })
  sizing = await startRightSizing({
    before: async ({ ports }) => void (await turn(ports, 1, 'freeze')),
    ports: (ports) => heat(ports, 's-b', 5, () => void turn(ports, 3, 'freeze').then(heated('s-b'))),
  })
  const blocked = await sizing.until(({ status }) => status.kind === 'blocked')
  expect(blocked.status).toMatchObject({ rule: 'switch', reason: expect.stringContaining('frozen') })
  await pause(200)
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])

  await turn(sizing.ports, 2, 'off')
  await sizing.until(({ status }) => status.kind === 'reversing')
  await pause(200)
  expect(await minimums()).toEqual([5, 5])
  await turn(sizing.ports, 4, 'off')
  await sizing.until(settled)
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
})

test('without an answer nothing is lowered', async () => {
  sizing = await startRightSizing({ answered: 'none', policy: { gateDeadline: 'PT1H' } })
  const { status } = await sizing.until(settled)
  expect(status).toMatchObject({ kind: 'held', reason: expect.stringContaining('no answer means no move') })
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
})

test('days that are missing prove nothing: the run holds before it lowers', async () => {
  sizing = await startRightSizing({
    before: async ({ twin, ports }) => {
      const span = { fromMs: 0, untilMs: ports.clock.nowMs() - 3_600_000 }
      twin.inject({ kind: 'silent-source', stamp: StampId.parse('s-b'), ...span })
    },
  })
  const { status } = await sizing.until(settled)
  expect(status).toMatchObject({ kind: 'held', reason: expect.stringContaining('insufficient data') })
  expect(await minimums()).toEqual([SHARED_NODES, SHARED_NODES])
})

test('a minimum that somebody else has set since the plan was made is theirs', async () => {
  sizing = await startRightSizing({
    before: ({ ports }) =>
      ports.capacity.setMinimum({ stamp: StampId.parse('s-a'), role: 'compute', minNodes: 4 }),
  })
  const { status } = await sizing.until(settled)
  expect(status).toMatchObject({ kind: 'held', reason: expect.stringContaining('somebody else has set it') })
  expect(await minimums()).toEqual([4, SHARED_NODES])
})
