import { rm } from 'node:fs/promises'
import type { Browser, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, expect, type TestContext, test } from 'vitest'
import { PageFiles } from '../../src/adapters/local/page-files.ts'
import { createWorkerRehearsal } from '../../src/adapters/worker/worker-rehearsal.ts'
import { StampId } from '../../src/domain/ids.ts'
import { Policy } from '../../src/domain/policy.ts'
import { openBrowser } from '../browser.ts'
import { madePlan, startedRun } from '../support/run-steps.ts'
import { startTestApp, type TestApp } from '../support/test-app.ts'
import { buildDashboard } from './build-dashboard.ts'

const STEP_MS_MAX = 60_000
const WALK_MS_MAX = 300_000
const OPEN_AT_ALL_HOURS = { windows: [{ from: '00:00', to: '24:00' }] }

let folder: string
let browser: Browser | undefined
let app: TestApp | undefined
beforeAll(async () => {
  folder = await buildDashboard()
})
afterEach(async () => {
  await browser?.close()
  await app?.stop()
  browser = undefined
  app = undefined
})
afterAll(() => rm(folder, { recursive: true, force: true }))

/** The real app with its page, and a browser for each person. */
async function opened(context: TestContext, options: Parameters<typeof startTestApp>[0] = {}) {
  const started = await openBrowser(context)
  browser = started
  const running = await startTestApp({ pages: new PageFiles(folder), ...options })
  app = running
  const as = async (user: string, at = '') => {
    const tab = await started.newContext({ viewport: { width: 1280, height: 900 } })
    tab.setDefaultTimeout(STEP_MS_MAX)
    const page = await tab.newPage()
    const token = running.users.find(({ name }) => name === user)?.token ?? ''
    await page.goto(`${running.host.baseUrl}/dashboard/#token=${token}`)
    await page.getByRole('navigation', { name: 'Views' }).waitFor()
    if (at !== '') await page.goto(`${running.host.baseUrl}/dashboard/${at}`)
    return page
  }
  return { app: running, as }
}

async function answer(page: Page, reason: string): Promise<void> {
  await page.getByRole('button', { name: 'Approve…' }).click()
  await page.getByLabel('Why').fill(reason)
  await page.getByRole('button', { name: /^Approve \S+-\d/ }).click()
}

test(
  'from a dominated stamp to a plan, its rehearsal, an approval, a destination gone bad, the way home by itself and the report',
  async (context) => {
    const rehearse = createWorkerRehearsal(new URL('../../src/rehearsal.ts', import.meta.url))
    const { app: running, as } = await opened(context, { rehearse })
    await running.ask('operator', 'POST', 'scans', {})
    const operator = await as('operator')
    await operator.getByText('acme dominates').first().waitFor()
    await operator.getByRole('button', { name: /Make a plan for acme/ }).click()
    await operator
      .getByText(/all \d moves landed/)
      .first()
      .waitFor()
    await operator.getByRole('button', { name: /^Start/ }).click()
    await operator
      .getByRole('dialog')
      .getByRole('button', { name: /^Start/ })
      .click()
    await operator.getByText('tail-1 waits for approval').waitFor()

    const approver = await as('approver', new URL(operator.url()).hash)
    await answer(approver, 'the rehearsal passed')
    await operator.getByText('medium-1 waits for approval').waitFor()
    running.twin.inject({ kind: 'destination-worse', stamp: StampId.parse('s-c'), factor: 4 })
    await answer(approver, 'the tail did well')
    await operator.getByText('Held at medium-1', { exact: true }).waitFor()
    await operator
      .getByText(/was reversed/)
      .first()
      .waitFor()
    const plan = new URL(operator.url()).hash.split('/').at(-1) ?? ''
    const fleet = await running.ports.catalog.fleet()
    const homes = fleet.registries.map(({ name, replicas }) => `${name} ${replicas[0]?.homeStamp}`)
    expect(homes).toContain('acme03 s-a')
    expect(homes).toContain('acme04 s-b')

    await operator.goto(`${running.host.baseUrl}/dashboard/#/plans/${plan}/report`)
    await operator.getByRole('heading', { name: 'Before and after' }).waitFor()
    await operator.getByRole('row', { name: /acme03 s-c → s-a back/ }).waitFor()
    await operator.goto(`${running.host.baseUrl}/dashboard/#/audit/${plan}`)
    await operator.getByText(/^Whole: \d+ entries/).waitFor()
  },
  WALK_MS_MAX,
)

test(
  'two people approve where the policy asks for it: one is not enough, and who asked is none of them',
  async (context) => {
    const policy = Policy.parse({ ...OPEN_AT_ALL_HOURS, twoApprovers: ['tail'] })
    const { app: running, as } = await opened(context, { policies: { '*': policy } })
    const { plan } = await startedRun(running)
    const at = `#/plans/${plan.id}`
    const [operator, approver, deputy] = await Promise.all(
      ['operator', 'approver', 'deputy'].map((who) => as(who, at)),
    )
    if (!operator || !approver || !deputy) throw new Error('three people were to look')
    await operator.getByText('tail-1 waits for approval').waitFor()
    expect(await operator.getByRole('button', { name: 'Approve…' }).count()).toBe(0)
    await answer(approver, 'the rehearsal passed')
    await approver.getByRole('dialog').waitFor({ state: 'detached' })
    await operator.getByText('1 of 2 approvals', { exact: true }).waitFor()
    expect(await operator.getByText('tail-1 waits for approval').count()).toBe(1)
    await answer(deputy, 'I looked at it, too')
    await operator.getByText('medium-1 waits for approval').waitFor()
  },
  WALK_MS_MAX,
)

test(
  'offline the page says since when, keeps what was seen, and heals',
  async (context) => {
    const { app: running, as } = await opened(context)
    const { plan } = await madePlan(running)
    const page = await as('reader', `#/plans/${plan.id}`)
    await page.getByRole('heading', { name: 'Moves' }).waitFor()
    await page.context().setOffline(true)
    await page.getByText('Connection lost.').waitFor()
    expect(await page.getByRole('heading', { name: 'Moves' }).count()).toBe(1)
    await page.context().setOffline(false)
    await page.getByText('Connection lost.').waitFor({ state: 'detached' })
  },
  WALK_MS_MAX,
)
