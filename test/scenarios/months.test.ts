import { afterEach, expect, test } from 'vitest'
import type { Incident } from '../../src/domain/incident.ts'
import type { MoveRecord } from '../../src/domain/run.ts'
import { Scan } from '../../src/domain/scan.ts'
import { PlanView } from '../../src/messages/api.ts'
import { IncidentList } from '../../src/messages/needs-api.ts'
import { healthyMonth, MONTH_REGION, oscillatingMonth } from '../support/month-region.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'

const HOUR_MS = 3_600_000
const LOOK_EVERY_MS = 6 * HOUR_MS
const LOOKS = (30 * 24 * HOUR_MS) / LOOK_EVERY_MS
/** A little after each scan, so that it is over when somebody looks at it. */
const AFTER_SCAN_MS = 60_000
/** What a month's every minutes would be full of, and what nothing here depends on. */
const SETTINGS = { 'AzureWebJobs.sweepRuns.Disabled': 'true', 'AzureWebJobs.reconcile.Disabled': 'true' }
let app: TestApp
afterEach(() => app.stop())

/** `RESTAMP_PERIOD=5 RESTAMP_SWING=0.25 npm test -- test/scenarios/months` for another course; slower ones take longer. */
const PERIOD_DAYS = Number(process.env.RESTAMP_PERIOD ?? 3)
const SWING = Number(process.env.RESTAMP_SWING ?? 0.35)

test.each([{ periodDays: PERIOD_DAYS, swing: SWING, moved: process.env.RESTAMP_PERIOD ? 0 : 5 }])(
  'a month of load that swings by $swing every $periodDays days moves no replica twice except back',
  async ({ periodDays, swing, moved }) => {
    app = await startTestApp({
      files: oscillatingMonth(periodDays, swing),
      settings: SETTINGS,
      byHand: true,
    })
    let hot = 0
    const standings = new Set<string>()
    for (let look = 0; look < LOOKS; look += 1) {
      await app.host.clock.advance(LOOK_EVERY_MS + (look === 0 ? AFTER_SCAN_MS : 0))
      await abortHeld()
      const open = await openIncidents()
      if (open.some(({ rule }) => rule === 'hot')) hot += 1
      for (const { standing } of open) if (standing?.kind === 'blocked') standings.add(standing.rule)
      const asked = open.find(
        ({ standing }) => standing?.kind === 'blocked' && standing.rule === 'nobody-asked',
      )
      if (asked) await planStartApprove(asked.stamp)
    }
    expect(hot).toBeGreaterThan(LOOKS / 2)
    const moves = await movesInOrder()
    const perReplica = Map.groupBy(moves, ({ replica }) => replica)
    expect(perReplica.size).toBeGreaterThanOrEqual(moved)
    for (const [replica, [first, second, ...more]] of perReplica) {
      expect([replica, more.length]).toEqual([replica, 0])
      if (second) expect([replica, second.to]).toEqual([replica, first?.from])
    }
    // Two batches that went home for one pool are enough: a person has to say why before more is tried.
    if (moved > 0) expect(standings).toContain('mispredicted')
  },
  600_000,
)

test('a month of healthy load, uneven and near its limits, moves nothing and pages nobody', async () => {
  app = await startTestApp({ files: healthyMonth(), settings: SETTINGS, byHand: true })
  let hotByMax = 0
  let greatestP95 = 0
  for (let look = 0; look < LOOKS; look += 1) {
    await app.host.clock.advance(LOOK_EVERY_MS + (look === 0 ? AFTER_SCAN_MS : 0))
    const scan = Scan.parse((await app.ask('reader', 'GET', `scans/${MONTH_REGION}`)).body)
    expect(scan.needsAction).toEqual([])
    expect(scan.pools.map(({ verdict }) => verdict)).not.toContain('insufficient-data')
    hotByMax += scan.pools.filter(({ byMax }) => byMax === 'hot').length
    greatestP95 = Math.max(greatestP95, ...scan.pools.map(({ figures }) => figures.hotNodeP95 ?? 0))
    const view = PlanView.parse((await app.ask('operator', 'POST', 'plans', {})).body)
    expect(view.plan.moves).toEqual([])
  }
  const { body } = await app.ask('reader', 'GET', 'incidents?all=1')
  expect(IncidentList.parse(body).incidents).toEqual([])
  expect(app.notifications.messages).toEqual([])
  // It was not calm by luck: single minutes were hot every day, and the weekdays' peaks were not far from it.
  expect(hotByMax).toBeGreaterThan(LOOKS / 4)
  expect(greatestP95).toBeGreaterThan(55)
}, 120_000)

async function openIncidents(): Promise<readonly Incident[]> {
  return IncidentList.parse((await app.ask('reader', 'GET', 'incidents')).body).incidents
}

/** As the product asks for it: a plan for the stamp, started, and every gate approved beforehand. */
async function planStartApprove(stamp: string): Promise<void> {
  const { plan } = PlanView.parse((await app.ask('operator', 'POST', 'plans', { stamp })).body)
  if (plan.moves.length === 0 || plan.moves.some(({ to }) => to === 'new')) return
  await app.host.whenIdle()
  const { id, digest } = plan
  const started = await app.ask('operator', 'POST', `plans/${id}/start`, { digest })
  expect(started.status).toBe(202)
  const gates = [...new Set(plan.moves.map(({ phase, batch }) => `${phase}-${batch}`))]
  const approval = { digest, gates, answer: 'approve', reason: 'it is hot' }
  expect((await app.ask('approver', 'POST', `plans/${id}/decisions`, approval)).status).toBe(202)
}

/** Who is asked about a run that holds lets it be, so that the month goes on. */
async function abortHeld(): Promise<void> {
  for (const { value: run } of await app.ports.records.list('runs', { limit: 1000 }))
    if (run.status.kind === 'held')
      await app.ask('operator', 'POST', `plans/${run.planId}/abort`, { reason: 'it is looked into' })
}

async function movesInOrder(): Promise<MoveRecord[]> {
  const moves = (await app.ports.records.list('moves', { limit: 10_000 })).map(({ value }) => value)
  return moves
    .filter(({ outcome }) => outcome?.kind === 'done')
    .toSorted((a, b) => (a.begunMs ?? 0) - (b.begunMs ?? 0))
}
