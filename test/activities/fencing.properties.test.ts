import fc from 'fast-check'
import { expect, test } from 'vitest'
import { createRebind } from '../../src/activities/cutover-steps.ts'
import { createReconcile } from '../../src/activities/reconcile.ts'
import { StampId } from '../../src/domain/ids.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import type { MoveStep } from '../../src/messages/outline.ts'
import type { Binding } from '../../src/ports/catalog.ts'
import type { Ports } from '../../src/ports/ports.ts'
import { aMovingRun, type MovingRun } from '../support/moving-run.ts'

/** `RESTAMP_RUNS=1000 npm test -- test/activities/fencing.properties` for more. */
const RUNS = Number(process.env.RESTAMP_RUNS ?? 40)
const RUN_MS_MAX = 2_000
const STEPS = ['prepare', 'rebind', 'route', 'drain', 'verify', 'fail'] as const
const MINUTE_MS = 60_000

/** A move counted from the newest on record: mostly that one or the next, else one that is over or yet to come. */
const anyMove = fc.constantFrom(1, 1, 1, 1, 0, 0, 0, -1, -2, 2)

/** What may happen around one replica, in any order and as often as it likes: orders, and steps of any move, early, late, again. */
const anyEvent = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      step: fc.constantFrom(...STEPS),
      move: anyMove,
    }),
  },
  { weight: 8, arbitrary: fc.record({ kind: fc.constant('whole' as const), move: anyMove }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('sleepyRebind' as const), move: anyMove }) },
  {
    weight: 9,
    arbitrary: fc.constantFrom(
      { kind: 'hold' as const },
      { kind: 'undo' as const },
      { kind: 'undo' as const },
      { kind: 'approve' as const },
      { kind: 'approve' as const },
      { kind: 'wake' as const },
      { kind: 'reconcile' as const },
    ),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('foreign' as const), to: fc.constantFrom('s-a', 's-b', 's-c') }),
  },
)
type Event = typeof anyEvent extends fc.Arbitrary<infer E> ? E : never

test(
  'whatever comes in whatever order, a replica has one home, and only its newest, allowed move changes it',
  async () => {
    const seen = { moved: 0, reversed: 0, stale: 0, foreign: 0, woken: 0 }
    await fc.assert(
      fc.asyncProperty(fc.array(anyEvent, { minLength: 15, maxLength: 45 }), async (events) => {
        const world = await aWorld()
        for (const event of events) await happen(world, event, seen)
        await wakeAll(world, seen)
        await settle(world)
        seen.stale += (await world.run.ports.records.list('staleWriters', { limit: 1000 })).length
      }),
      { numRuns: RUNS },
    )
    process.stdout.write(`over ${RUNS} runs: ${JSON.stringify(seen)}\n`)
    expect(Object.values(seen).every((count) => count > 0)).toBe(true)
  },
  RUN_MS_MAX * RUNS,
)

interface World {
  readonly run: MovingRun
  /** Re-binds that passed their checks and sleep before they look at the binding. */
  readonly asleep: (() => Promise<unknown>)[]
  approvals: number
}

async function aWorld(): Promise<World> {
  return { run: await aMovingRun(), asleep: [], approvals: 1 }
}

type Seen = Record<'moved' | 'reversed' | 'stale' | 'foreign' | 'woken', number>

async function happen(world: World, event: Event, seen: Seen): Promise<void> {
  const before = await stateOf(world)
  await make(world, event, seen)
  world.run.clock.ms += 1000
  await judge(before, await stateOf(world), { event, seen })
}

async function stepOf({ run }: World, move: number) {
  const prefix = `${run.plan.id}/${run.replica}/`
  const begun = (await run.ports.records.list('moves', { prefix, limit: 1000 })).length
  const sequence = Math.max(1, begun + move)
  return run.step({ sequence, direction: sequence % 2 === 1 ? 'forward' : 'reverse' })
}

async function make(world: World, event: Event, seen: Seen): Promise<void> {
  const { run } = world
  const times = { gate: run.gate, sinceMs: run.clock.ms }
  switch (event.kind) {
    case 'step':
      return one(world, event.step, await stepOf(world, event.move))
    case 'whole': {
      const step = await stepOf(world, event.move)
      for (const name of ['prepare', 'rebind', 'route'] as const) await one(world, name, step)
      run.clock.ms += 180 * MINUTE_MS
      for (const name of ['drain', 'verify'] as const) await one(world, name, step)
      return
    }
    case 'hold':
      return run.at({ kind: 'held', ...times, reason: 'so' })
    case 'undo':
      await run.judgeWorse()
      return run.at({ kind: 'reversing', ...times, reason: 'worse' })
    case 'approve':
      await approve(world)
      return run.at({ kind: 'moving', ...times })
    case 'sleepyRebind':
      return fallAsleep(world, await stepOf(world, event.move))
    case 'wake':
      return wakeAll(world, seen)
    case 'reconcile':
      return createReconcile(run.ports)()
    case 'foreign':
      return bindElsewhere(world, event.to, seen)
    default:
      return event satisfies never
  }
}

async function one({ run }: World, name: (typeof STEPS)[number], step: MoveStep): Promise<void> {
  if (name === 'fail') await run.fail({ ...step, reason: 'somebody said so' })
  else await run[name](step).catch(() => undefined)
}

/** A re-bind whose process stops between its checks and its look at the binding; it goes on when woken. */
async function fallAsleep(world: World, step: MoveStep): Promise<void> {
  const { ports } = world.run
  let wake = () => {}
  let stopped = () => {}
  const woken = new Promise<void>((resolve) => {
    wake = resolve
  })
  const reached = new Promise<void>((resolve) => {
    stopped = resolve
  })
  const catalog: Ports['catalog'] = {
    ...ports.catalog,
    binding: async (replica) => {
      stopped()
      await woken
      return ports.catalog.binding(replica)
    },
  }
  const rebinding = createRebind({ ...ports, catalog })(step)
  await Promise.race([reached, rebinding])
  world.asleep.push(() => {
    wake()
    return rebinding
  })
}

async function wakeAll({ asleep }: World, seen: Seen): Promise<void> {
  for (const wake of asleep.splice(0)) {
    await wake()
    seen.woken += 1
  }
}

async function approve(world: World): Promise<void> {
  const { run } = world
  const { planId, digest } = run.step({})
  world.approvals += 1
  const id = `${planId}/${run.gate}/${String(world.approvals).padStart(3, '0')}`
  const answer = { answer: 'approve', by: 'approver', reason: 'again', expiresAtMs: null } as const
  await run.ports.records.create('decisions', id, {
    id,
    planId,
    digest,
    gates: [run.gate],
    atMs: run.clock.ms,
    ...answer,
  })
}

async function bindElsewhere({ run }: World, to: string, seen: Seen): Promise<void> {
  const { ports, replica, clock } = run
  const epoch = (await ports.catalog.binding(replica))?.epoch ?? 0
  await ports.catalog.rebind({
    replica,
    to: StampId.parse(to),
    expectedEpoch: epoch,
    moveKey: `theirs-${clock.ms}`,
  })
  seen.foreign += 1
}

interface State {
  readonly binding: Binding
  readonly moves: readonly MoveRecord[]
  readonly status: string
  readonly worseMs: number
  readonly approvedMs: number
}

async function stateOf({ run }: World): Promise<State> {
  const { records, catalog } = run.ports
  const list = async <C extends 'moves' | 'evaluations' | 'decisions'>(name: C) =>
    (await records.list(name, { prefix: `${run.plan.id}/`, limit: 1000 })).map(({ value }) => value)
  const binding = await catalog.binding(run.replica)
  if (!binding) throw new Error('a replica without a home')
  return {
    binding,
    moves: (await list('moves')).filter(({ replica }) => replica === run.replica),
    status: (await records.read('runs', run.plan.id))?.value.status.kind ?? '',
    worseMs: Math.max(0, ...(await list('evaluations')).map(({ atMs }) => atMs)),
    approvedMs: Math.max(0, ...(await list('decisions')).map(({ atMs }) => atMs)),
  }
}

/** One event changes a home at most once, and by a move that was the newest, planned and allowed. */
async function judge(
  before: State,
  after: State,
  { event, seen }: { readonly event: Event; readonly seen: Seen },
): Promise<void> {
  expect(after.binding.epoch).toBeGreaterThanOrEqual(before.binding.epoch)
  if (after.binding.epoch === before.binding.epoch) {
    expect(after.binding).toEqual(before.binding)
    return
  }
  const move = after.moves.find(({ key }) => key === after.binding.lastMoveKey)
  if (event.kind === 'foreign') return expect(move).toBeUndefined()
  expect(move, JSON.stringify(event)).toBeDefined()
  if (!move) return
  expect(move.key).toBe(after.moves.at(-1)?.key)
  expect(after.binding.homeStamp).toBe(move.to)
  expect(before.binding.homeStamp).toBe(move.from)
  expect(after.binding.epoch).toBe((move.epoch ?? 0) + 1)
  if (event.kind === 'wake') return
  if (move.direction === 'forward') {
    seen.moved += 1
    expect(before.status).toBe('moving')
    expect(before.approvedMs).toBeGreaterThan(before.worseMs)
  } else {
    seen.reversed += 1
    const forward = after.moves.at(-2)
    const isWorse = before.status === 'reversing' && before.worseMs >= (forward?.steps[0]?.atMs ?? 0)
    expect(isWorse || forward?.outcome?.kind === 'failed').toBe(true)
  }
}

/** Whatever happened, a minute later routing equals the binding. */
async function settle({ run }: World): Promise<void> {
  run.clock.ms += 2 * MINUTE_MS
  await createReconcile(run.ports)()
  const binding = await run.ports.catalog.binding(run.replica)
  expect((await run.ports.traffic.route(run.replica))?.stamp).toBe(binding?.homeStamp)
}
