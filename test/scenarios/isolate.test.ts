import { setTimeout as pause } from 'node:timers/promises'
import { afterEach, expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { batchesOf } from '../../src/domain/plan.ts'
import { hasEnded, type Run } from '../../src/domain/run.ts'
import { SeededFaults } from '../../src/host/testkit.ts'
import { type Isolation, MADE, startIsolation } from '../support/isolation.ts'
import { REGION, TENANTS } from '../support/small-region.ts'

const ACME = TENANTS.filter(({ customer }) => customer === 'acme')
const AT_HOME = ACME.map(({ stamp }) => stamp)
const KILLS = 8
const SEEDS = Number(process.env.RESTAMP_SEEDS ?? 2)

let isolation: Isolation
afterEach(() => isolation.stop())

const settled = ({ status }: Run) => hasEnded(status) || status.kind === 'held'
const homes = () =>
  Promise.all(
    ACME.map(async ({ name }) => (await isolation.ports.catalog.binding(replicaId(name, REGION)))?.homeStamp),
  )
const attempts = async () =>
  (await isolation.ports.records.list('provisionings', { limit: 100 })).map(({ value }) => value)

async function expectIsolated() {
  expect(await homes()).toEqual(ACME.map(() => MADE))
  expect(await isolation.twin.provisioning.state(MADE)).toMatchObject({ kind: 'active' })
  expect((await attempts()).map(({ outcome }) => outcome?.kind)).toEqual(['done'])
  for (const { name } of ACME)
    expect((await isolation.ports.catalog.binding(replicaId(name, REGION)))?.epoch).toBe(2)
  expect(await isolation.audit()).toMatchObject({ kind: 'intact' })
}

async function expectNothingLeft() {
  expect(await homes()).toEqual(AT_HOME)
  expect(await isolation.twin.provisioning.state(MADE)).toEqual({ kind: 'absent' })
  expect((await attempts()).every(({ removedAtMs }) => removedAtMs !== null)).toBe(true)
  expect(await isolation.audit()).toMatchObject({ kind: 'intact' })
}

test('a stamp is sized, made and checked, canaries go there first, then the phases, and the run completes', async () => {
  isolation = await startIsolation()
  const { plan } = isolation
  expect(batchesOf(plan).map(({ gate }) => gate)[0]).toBe('provision-1')
  expect(plan.moves.every(({ to }) => to === MADE)).toBe(true)
  const run = await isolation.until(settled)
  expect(run.status).toMatchObject({ kind: 'completed' })
  await expectIsolated()
  const [attempt] = await attempts()
  const at = (step: string) =>
    attempt?.steps.find((one) => one.step === step && one.kind === 'done')?.atMs ?? 0
  // An hour of its own telemetry was there before it took anybody.
  expect(at('check') - at('create')).toBeGreaterThanOrEqual(55 * 60_000)
  const moves = (await isolation.ports.records.list('moves', { limit: 100 })).map(({ value }) => value)
  expect(Math.min(...moves.map(({ begunMs }) => begunMs ?? 0))).toBeGreaterThanOrEqual(at('activate'))
  expect(await isolation.testHost.replayCheck(plan.id)).toEqual([])
})

test('a run that is killed again and again ends the same, one stamp made and each replica moved once', async () => {
  isolation = await startIsolation()
  const updated = async () =>
    (await isolation.ports.records.read('runs', isolation.plan.id))?.value.updatedAtMs
  for (let kill = 0; kill < KILLS; kill += 1) {
    const before = await updated()
    for (let look = 0; look < 400 && (await updated()) === before; look += 1) await pause(5)
    await isolation.testHost.crash()
  }
  expect((await isolation.until(settled)).status).toMatchObject({ kind: 'completed' })
  await expectIsolated()
})

test(`a run ends the same under ${SEEDS} seeds of faults`, async () => {
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    isolation = await startIsolation({ faults: new SeededFaults(seed) })
    expect((await isolation.until(settled)).status, `seed ${seed}`).toMatchObject({ kind: 'completed' })
    await expectIsolated()
    if (seed < SEEDS) await isolation.stop()
  }
}, 120_000)

type Broken = NonNullable<Parameters<typeof startIsolation>[0]>
const hotter = { kind: 'destination-worse', stamp: MADE, factor: 20 } as const
const down = () => Promise.reject(new Error('the platform does not answer'))

/** One failure for each step that making a stamp takes, before its effect or after it. */
const FAILURES: readonly (readonly [string, Broken, string])[] = [
  ['its creation is refused', { provisioning: (own) => ({ ...own, create: down }) }, 'does not answer'],
  [
    'its creation is begun and never answers',
    {
      provisioning: (own) => ({
        ...own,
        create: async (wanted) => {
          await own.create(wanted)
          return down()
        },
      }),
    },
    'does not answer',
  ],
  ['it can not be made', { trouble: [{ kind: 'provisioning-fails', times: 1 }] }, 'no capacity'],
  [
    'it never gets ready',
    {
      provisioning: (own) => ({
        ...own,
        state: async (stamp) => {
          const state = await own.state(stamp)
          return state.kind === 'ready' ? { ...state, kind: 'creating' } : state
        },
      }),
    },
    'is creating',
  ],
  [
    'its nodes never serve',
    {
      ports: (ports) => ({
        ...ports,
        capacity: {
          ...ports.capacity,
          pools: async (stamp) =>
            (await ports.capacity.pools(stamp)).map((pool) =>
              stamp === MADE ? { ...pool, readyNodes: 1 } : pool,
            ),
        },
      }),
    },
    '1 of',
  ],
  [
    'it sends no telemetry',
    { trouble: [{ kind: 'silent-source', stamp: MADE, fromMs: 0, untilMs: Number.MAX_SAFE_INTEGER }] },
    "of the last hour's",
  ],
  ['it is hot without anybody on it', { trouble: [hotter, hotter] }, 'hot'],
  ['it can not be activated', { provisioning: (own) => ({ ...own, activate: down }) }, 'does not answer'],
  [
    'it is activated and reads otherwise',
    { provisioning: (own) => ({ ...own, activate: async () => {} }) },
    'not active',
  ],
]

test.each(FAILURES)(
  'where %s nobody moves, and what was made is removed again',
  async (name, broken, words) => {
    isolation = await startIsolation(broken)
    const { status } = await isolation.until(settled)
    expect(status, name).toMatchObject({
      kind: 'held',
      gate: 'provision-1',
      reason: expect.stringContaining(words),
    })
    expect(status).toMatchObject({ reason: expect.stringContaining('removed again') })
    await expectNothingLeft()
  },
)

test('once its cause is cured a resume makes the stamp anew, under another number', async () => {
  isolation = await startIsolation({ trouble: [{ kind: 'provisioning-fails', times: 1 }] })
  await isolation.until(settled)
  await isolation.order((controls) => ({ ...controls, hold: null }))
  expect((await isolation.until(({ status }) => hasEnded(status))).status.kind).toBe('completed')
  expect(await homes()).toEqual(ACME.map(() => MADE))
  expect((await attempts()).map(({ key, outcome }) => [key.slice(-3), outcome?.kind])).toEqual([
    ['001', undefined],
    ['002', 'done'],
  ])
})

test('without an answer no stamp is made', async () => {
  isolation = await startIsolation({ answered: 'none', policy: { gateDeadline: 'PT1H' } })
  expect((await isolation.until(settled)).status).toMatchObject({ kind: 'held', gate: 'provision-1' })
  expect(await attempts()).toEqual([])
  expect(await isolation.twin.provisioning.state(MADE)).toEqual({ kind: 'absent' })
})

test('a stamp whose name somebody else has taken is theirs', async () => {
  isolation = await startIsolation({
    provisioning: (own) => ({
      ...own,
      create: async (wanted) => own.create({ ...wanted, key: 'somebody else' }).then(() => 'taken'),
    }),
  })
  const { status } = await isolation.until(settled)
  expect(status).toMatchObject({ kind: 'held', reason: expect.stringContaining('there is a stamp') })
  expect(await isolation.twin.provisioning.state(MADE)).toMatchObject({ key: 'somebody else' })
})

test('a rollback takes everybody home and then removes the stamp', async () => {
  isolation = await startIsolation()
  await isolation.until(({ status }) => status.kind === 'observing')
  const given = { by: 'operator', reason: 'the customer asked', atMs: isolation.ports.clock.nowMs() }
  await isolation.order((controls) => ({ ...controls, rollback: given }))
  expect((await isolation.until(settled)).status.kind).toBe('rolledBack')
  await expectNothingLeft()
})
