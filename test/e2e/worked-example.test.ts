import { afterEach, expect, test } from 'vitest'
import { PlanList, ReportView, StatusView } from '../../src/messages/api.ts'
import { openBrowser } from '../browser.ts'
import { type RunningRestamp, startRestamp } from './running-restamp.ts'

/** What was published of the example: hot-node P95 in percent of before, Max in points. */
const PUBLISHED = [
  { stamp: 'weu-a', pool: 'registry', hotNodeP95Change: -7, maxChangePoints: 0 },
  { stamp: 'weu-a', pool: 'dataproxy', hotNodeP95Change: -34, maxChangePoints: 64 - 96 },
  { stamp: 'weu-b', pool: 'registry', hotNodeP95Change: -33, maxChangePoints: -3 },
  { stamp: 'weu-b', pool: 'dataproxy', hotNodeP95Change: -44, maxChangePoints: -5 },
]

const WALK_MS_MAX = 300_000
const STEP_MS_MAX = 200_000
let restamp: RunningRestamp | undefined
afterEach(() => restamp?.stop())

test(
  'a first run: the requester is refused, the guide leads from the gate to the report, the browser approves a gate, the command line the rest',
  async (context) => {
    const browser = await openBrowser(context)
    restamp = await startRestamp()
    const { plan, gate } = await waitingPlan(restamp)
    expect(gate).toBe('tail-1')

    const refused = await restamp.command('approve', plan, '--as', 'operator')
    expect([refused.code, refused.err]).toEqual([1, expect.stringMatching(/Approver/)])

    const page = await browser.newPage()
    page.setDefaultTimeout(STEP_MS_MAX)
    const guide = page.getByRole('complementary', { name: 'First run' })
    const step = (words: string) => guide.locator('[aria-current=step]').getByText(words).waitFor()
    try {
      await page.goto(`${restamp.baseUrl}/dashboard/#token=${restamp.tokenOf('operator')}`)
      await step('You asked for this plan, so somebody else approves')
      await page.goto(`${restamp.baseUrl}/dashboard/#token=${restamp.tokenOf('approver')}`)
      await step('say why, and let the batch go')
      await guide.getByLabel('time passes').selectOption('no waiting')
      await guide.getByRole('link', { name: 'Approve tail-1' }).click()
      await page.getByRole('button', { name: 'Approve…' }).click()
      await page.getByLabel('Why').fill('the rehearsal passed')
      await page.getByRole('button', { name: 'Approve tail-1' }).click()
      await page.getByText('medium-1 waits for approval').waitFor()
      await step('Approve medium-1')

      const approved = await restamp.command('approve', plan, '--all')
      expect(approved.code).toBe(0)
      await step('Watch it')
      await step('Read the report')
      await guide.getByRole('link', { name: 'Read the report' }).click()
      await page.getByRole('heading', { name: 'Before and after' }).waitFor()
    } finally {
      await browser.close()
    }
    const watched = await until(restamp, plan, (status) => status.run?.status.kind === 'completed')
    expect(watched.batches.map(({ registries }) => registries)).toEqual([30, 3, 3, 1, 1, 1, 1])

    const report = ReportView.parse(JSON.parse((await restamp.command('report', plan, '--json')).out))
    expectPublished(report)
    const forward = report.moves.filter((move) => move.outcome?.kind === 'done')
    expect(new Set(forward.map(({ replica }) => replica)).size).toBe(40)
    expect(forward).toHaveLength(40)
    expect(new Set(report.decisions.map(({ by }) => by))).toEqual(new Set(['approver']))
  },
  WALK_MS_MAX,
)

function expectPublished(report: ReportView): void {
  expect(report.sameWeekday).toBe(true)
  for (const wanted of PUBLISHED) {
    const row = report.rows.find(({ stamp, pool }) => stamp === wanted.stamp && pool === wanted.pool)
    expect(Math.abs((row?.hotNodeP95Change ?? 99) - wanted.hotNodeP95Change)).toBeLessThanOrEqual(1.5)
    expect(Math.abs((row?.maxChangePoints ?? 99) - wanted.maxChangePoints)).toBeLessThanOrEqual(3)
    if (wanted.maxChangePoints !== 0) expect(row?.maxChangePoints).toBeLessThan(0)
  }
  for (const control of report.rows.filter((row) => row.control)) {
    expect(Math.abs(control.hotNodeP95Change ?? 99)).toBeLessThan(1)
  }
}

async function waitingPlan(running: RunningRestamp): Promise<{ plan: string; gate: string | undefined }> {
  const deadlineMs = Date.now() + 120_000
  while (Date.now() < deadlineMs) {
    const { out } = await running.command('plans', '--json')
    const id = out === '' ? undefined : PlanList.parse(JSON.parse(out)).plans[0]?.id
    if (id) {
      const { run } = StatusView.parse(JSON.parse((await running.command('status', id, '--json')).out))
      if (run?.status.kind === 'awaitingApproval') return { plan: id, gate: run.status.gate }
    }
    await new Promise((resolve) => setTimeout(resolve, 500))
  }
  throw new Error('no plan came to wait for approval')
}

async function until(
  running: RunningRestamp,
  plan: string,
  wanted: (status: StatusView) => boolean,
): Promise<StatusView> {
  const deadlineMs = Date.now() + 200_000
  for (;;) {
    const status = StatusView.parse(JSON.parse((await running.command('status', plan, '--json')).out))
    if (wanted(status)) return status
    if (Date.now() > deadlineMs) throw new Error(`waited in vain; last seen ${JSON.stringify(status.run)}`)
    await new Promise((resolve) => setTimeout(resolve, 1000))
  }
}
