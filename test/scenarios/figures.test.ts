import { afterAll, beforeAll, expect, test } from 'vitest'
import { StampId } from '../../src/domain/ids.ts'
import { FiguresView } from '../../src/messages/figures-api.ts'
import { everyValue } from '../../src/ports/records.ts'
import { figuresView } from '../../src/queries/figures.ts'
import { startAnsweredRun } from '../support/answered-run.ts'
import { approve, awaits, gatesOf, is, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

let app: TestApp
beforeAll(async () => {
  app = await startTestApp()
})
afterAll(() => app.stop())

const read = async (query = '') => {
  const { status, body } = await app.ask('reader', 'GET', `figures${query}`)
  expect(status).toBe(200)
  const [region] = FiguresView.parse(body).regions
  if (!region) throw new Error('there is no region')
  return region.figures
}

test('before anything was run no figure is known', async () => {
  expect(await read()).toMatchObject({
    ...{ plans: 0, runs: 0, reversedShare: null },
    tenantErrors: { perThousandMoves: null },
    operator: { minutesPerPlan: null },
  })
})

test('a span that is none is refused', async () => {
  for (const days of ['0', 'week', '400'])
    expect((await app.ask('reader', 'GET', `figures?days=${days}`)).status).toBe(400)
  expect((await app.ask('nobody', 'GET', 'figures')).status).toBe(401)
})

test('a whole run is told by its records: moves, errors of those moved, acts of people, and waits for them', async () => {
  const view = await startedRun(app)
  const status = await app.until(view.plan.id, awaits())
  await approve(app, view, gatesOf(status))
  await app.until(view.plan.id, is('completed'))
  const figures = await read('?days=60')
  const moves = view.plan.moves.length
  expect(figures).toMatchObject({
    ...{ plans: 1, runs: 1, reversedShare: 0 },
    moves: { done: moves, failed: 0, reversed: 0, underWay: 0 },
    tenantErrors: { moves, uncounted: 0 },
  })
  const { perThousandMoves, seen, expected } = figures.tenantErrors
  expect(perThousandMoves).toBeCloseTo((((seen ?? Number.NaN) - (expected ?? Number.NaN)) / moves) * 1000)
  // The plan and its start are the operator's, one decision for all gates the approver's.
  expect(figures.operator).toMatchObject({ plans: 1, sittings: 2 })
  expect(figures.gates.answered).toBeGreaterThan(0)
})

test('a batch that made things worse is in the share of moves reversed, and its errors are beyond what was expected', async () => {
  const run = await startAnsweredRun({
    trouble: [{ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 3 }],
  })
  try {
    const deadline = Date.now() + 30_000
    const isHome = async () =>
      (await everyValue(run.ports.records, 'runs')).some(({ status }) => status.kind === 'held')
    while (!(await isHome())) {
      if (Date.now() > deadline) throw new Error('nothing was reversed')
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    const [region] = (await figuresView(run.ports, 30)).regions
    const { done, reversed, failed, underWay } = region?.figures.moves ?? {}
    expect({ failed, underWay }).toEqual({ failed: 0, underWay: 0 })
    expect(reversed).toBeGreaterThan(0)
    expect(region?.figures.reversedShare).toBe((reversed ?? 0) / ((done ?? 0) + (reversed ?? 0)))
    const { seen, expected, perThousandMoves } = region?.figures.tenantErrors ?? {}
    expect(seen).toBeGreaterThan(2 * (expected ?? Number.NaN))
    expect(perThousandMoves).toBeGreaterThan(0)
  } finally {
    await run.stop()
  }
})
