import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, expect, type TestContext, test } from 'vitest'
import type { Role } from '../../src/domain/principal.ts'
import { openBrowser } from '../browser.ts'
import { buildDashboard } from './build-dashboard.ts'
import { type FakeApi, requesterRefused, startFakeApi } from './fake-api.ts'
import { DIGEST, PLAN_ID, REQUESTED_BY, type RunState } from './worked-plan.ts'

const SCRIPT_MAX_BYTES = 100_000
const FIND_MS = 10_000

let folder: string
let browser: Browser | undefined

beforeAll(async () => {
  folder = await buildDashboard()
})

afterAll(async () => {
  await browser?.close()
  await rm(folder, { recursive: true, force: true })
})

interface Opened extends AsyncDisposable {
  readonly api: FakeApi
  readonly page: Page
  /** What the page did wrong, by itself: errors thrown and content refused by the policy. */
  readonly faults: readonly string[]
}

interface Who {
  readonly name?: string
  readonly roles?: readonly Role[]
  readonly state?: RunState
  readonly planned?: boolean
  readonly at?: string
  readonly width?: number
}

async function open(context: TestContext, who: Who = {}): Promise<Opened> {
  browser ??= await openBrowser(context)
  const { name = 'amira', roles = ['Approver', 'Operator'], at = '', width = 1280, ...rest } = who
  const api = await startFakeApi({ folder, name, roles, ...rest })
  const tab = await browser.newContext({ viewport: { width, height: 900 } })
  tab.setDefaultTimeout(FIND_MS)
  const page = await tab.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(error.message))
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) faults.push(message.text())
  })
  await page.goto(api.link)
  if (at !== '') await page.goto(new URL(at, page.url()).href)
  return {
    api,
    page,
    faults,
    [Symbol.asyncDispose]: async () => {
      await tab.close()
      await api[Symbol.asyncDispose]()
    },
  }
}

const ON_PLAN = `#/plans/${PLAN_ID}`

test('from the fleet a planner makes a plan, starts it and lands where it waits', async (context) => {
  await using opened = await open(context, {
    name: REQUESTED_BY,
    roles: ['Planner'],
    planned: false,
    state: { done: 0, status: null },
  })
  const { api, page, faults } = opened

  await page.getByText('contoso dominates weu-a and weu-b').waitFor()
  await page.getByRole('button', { name: 'Make a plan for contoso' }).click()
  await page.getByRole('heading', { name: 'Isolate contoso' }).waitFor()
  await page.getByRole('button', { name: 'Start…' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Start', exact: true }).click()
  await page.getByText('tail-1 waits for approval').waitFor()

  expect(api.posted).toEqual([
    { path: '/plans', body: { region: 'westeurope', customer: 'contoso' } },
    { path: `/plans/${PLAN_ID}/start`, body: { digest: DIGEST } },
  ])
  expect(await page.getByRole('button', { name: 'Approve…' }).count()).toBe(0)
  expect(faults).toEqual([])
})

test('an approver walks from the fleet to the waiting plan and approves its gate with a reason', async (context) => {
  await using opened = await open(context)
  const { api, page, faults } = opened

  await page.getByRole('link', { name: 'Open its plan' }).click()
  await page.getByText('Approver or Admin, but not ines').waitFor()
  await page.getByText('The run is held. Nothing moves, nothing is moved back.').waitFor()
  expect(await page.getByRole('timer').textContent()).toMatch(/^2 d 23 h$/)
  await page.getByRole('button', { name: 'Approve…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Approve tail-1' })
  await dialog.getByText('30 registries move').waitFor()
  await dialog.getByText('4be1c0 7a9d33').waitFor()
  await dialog.getByLabel('Why').fill('rehearsal passed')
  await dialog.getByRole('button', { name: 'Approve tail-1' }).click()
  await page.getByText('Observing after tail-1').waitFor()

  expect(api.posted).toEqual([
    {
      path: `/plans/${PLAN_ID}/decisions`,
      body: { digest: DIGEST, gates: ['tail-1'], answer: 'approve', reason: 'rehearsal passed' },
    },
  ])
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(faults).toEqual([])
})

test('an answer given before the run asks is said to be one ahead, for the next gate', async (context) => {
  const state: RunState = { done: 1, status: 'observing', allowed: ['decide', 'hold', 'rollback', 'abort'] }
  await using opened = await open(context, { at: ON_PLAN, state })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Approve ahead…' }).click()
  await page.getByText('The run doesn’t ask yet.').waitFor()
  await page.getByLabel('Why').fill('away tomorrow')
  await page.getByRole('button', { name: 'Approve medium-2' }).click()
  await expect.poll(() => api.posted.length).toBe(1)

  expect(api.posted[0]?.body).toMatchObject({ gates: ['medium-2'], answer: 'approve' })
})

test('a plan whose rehearsal is under way offers no start until it has passed', async (context) => {
  const who = { name: REQUESTED_BY, roles: ['Planner'], at: ON_PLAN } as const
  await using opened = await open(context, { ...who, state: { done: 0, status: null, rehearsal: 'running' } })
  const { api, page } = opened

  await page.getByText('It can start once its rehearsal has passed').waitFor()
  expect(await page.getByRole('button', { name: 'Start…' }).count()).toBe(0)
  api.state = { done: 0, status: null, rehearsal: 'passed' }

  await page.getByRole('button', { name: 'Start…' }).waitFor()
})

test('one answer can be given to all remaining gates', async (context) => {
  await using opened = await open(context, { at: ON_PLAN, state: { done: 4, status: 'awaitingApproval' } })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Reject…' }).click()
  await page.getByLabel('All 3 remaining gates at once').check()
  await page.getByLabel('Why').fill('change freeze')
  await page.getByRole('button', { name: 'Reject 3 gates' }).click()
  await expect.poll(() => api.posted.length).toBe(1)

  expect(api.posted[0]?.body).toMatchObject({ gates: ['top-2', 'top-3', 'top-4'], answer: 'reject' })
})

test('a gate is approved by keyboard alone', async (context) => {
  await using opened = await open(context, { at: ON_PLAN })
  const { api, page } = opened
  const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '')

  await page.getByRole('button', { name: 'Approve…' }).waitFor()
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Skip to content')
  await page.keyboard.press('Enter')
  for (let step = 0; step < 10 && (await focused()) !== 'Approve…'; step++) await page.keyboard.press('Tab')
  await page.keyboard.press('Enter')
  await page.getByRole('dialog').waitFor()
  await page.keyboard.type('looked at it')
  await page.keyboard.press('Tab')
  await page.keyboard.press('Tab')
  expect(await focused()).toBe('Approve tail-1')
  await page.keyboard.press('Enter')
  await page.getByText('Observing after tail-1').waitFor()

  expect(api.posted[0]?.body).toMatchObject({ answer: 'approve', reason: 'looked at it' })
})

test('an answer without a reason is not sent', async (context) => {
  await using opened = await open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Approve…' }).click()
  await page.getByRole('button', { name: 'Approve tail-1' }).click()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)

  expect(api.posted).toEqual([])
})

test('a refused approval is shown in the words of the server and the dialog stays', async (context) => {
  await using opened = await open(context, { at: ON_PLAN, name: REQUESTED_BY })
  const { api, page } = opened
  api.refuseNext = requesterRefused()

  await page.getByRole('button', { name: 'Approve…' }).click()
  await page.getByText('You asked for this plan yourself').waitFor()
  await page.getByLabel('Why').fill('it is urgent')
  await page.getByRole('button', { name: 'Approve tail-1' }).click()
  await page.getByRole('alert').getByText('may not decide on it; ask another approver').waitFor()

  expect(await page.getByLabel('Why').inputValue()).toBe('it is urgent')
  expect(await page.getByText('tail-1 waits for approval').count()).toBe(1)
})

test('a reader sees what waits and no button that changes anything', async (context) => {
  await using opened = await open(context, { roles: ['Reader'] })
  const { page } = opened

  await page.getByRole('link', { name: 'Open its plan' }).waitFor()
  expect(await page.getByRole('button', { name: /Make a plan|Scan now/ }).count()).toBe(0)
  await page.getByRole('link', { name: 'Open its plan' }).click()
  await page.getByText('tail-1 waits for approval').waitFor()
  await page.getByText('You look as Reader and can’t change this run.').waitFor()

  expect(await page.getByRole('button', { name: /Approve|Reject|Hold|Roll back|Abort|Start/ }).count()).toBe(
    0,
  )
})

test('hold says what it will do, takes a reason, and the page shows the run held', async (context) => {
  await using opened = await open(context, { at: ON_PLAN, state: { done: 2, status: 'observing' } })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Hold…' }).click()
  await page.getByText('No further move starts.').waitFor()
  await page.getByLabel('Why').fill('incident elsewhere')
  await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click()
  await page.getByText('Held at medium-2').waitFor()

  expect(api.posted).toEqual([{ path: `/plans/${PLAN_ID}/hold`, body: { reason: 'incident elsewhere' } }])
  expect(await page.getByRole('button', { name: 'Resume…' }).count()).toBe(1)
})

test('a run that goes on shows without a reload', async (context) => {
  await using opened = await open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByText('0 of 40', { exact: true }).waitFor()
  api.state = { done: 3, status: 'observing' }
  await page.getByText('Observing after top-1').waitFor()

  await page.getByText('37 of 40', { exact: true }).waitFor()
})

test('three figures stand side by side and Max alone is said to have moved load', async (context) => {
  await using opened = await open(context, { at: '#/fleet?stamp=weu-a&pool=dataproxy' })
  const { page } = opened
  const row = page.getByRole('row', { name: /dataproxy.*96\.0/ }).first()

  await row.waitFor()
  expect(await row.textContent()).toMatch(/18\.9cool96\.0hot43\.1cool/)
  await page.getByText('would move load').waitFor()
  await page.getByText('As text').click()
  await page.getByText('40 bins are missing').waitFor()
  expect(await page.locator('.plot canvas').count()).toBe(1)
})

test('the report shows each pool before and after, the control, decisions and moves', async (context) => {
  await using opened = await open(context, {
    at: `${ON_PLAN}/report`,
    state: { done: 7, status: 'completed' },
  })
  const { page, faults } = opened
  const row = page.getByRole('row', { name: /weu-a dataproxy/ })

  await row.waitFor()
  expect(await row.textContent()).toMatch(/43\.128\.5−33\.9 %28\.996\.064\.0−32\.0 points/)
  expect(await page.getByRole('row', { name: /weu-d registry control/ }).count()).toBe(1)
  expect(await page.getByRole('heading', { name: /Moves 40/ }).count()).toBe(1)
  expect(await page.getByRole('row', { name: /amira/ }).count()).toBe(2)
  expect(faults).toEqual([])
})

test('the token leaves the address at once and a reload stays signed in', async (context) => {
  await using opened = await open(context)
  const { page } = opened

  await page.getByText('contoso dominates').waitFor()
  expect(page.url()).not.toContain('token')
  await page.reload()
  await page.getByText('contoso dominates').waitFor()
})

test('a token that the server does not know leads to how to sign in again', async (context) => {
  await using opened = await open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByText('tail-1 waits for approval').waitFor()
  api.token = 'another start'
  await page.getByRole('heading', { name: 'Sign in again' }).waitFor()

  await page.getByText('Open the link that npm start printed').waitFor()
})

test('a lost connection is said, with when the page was last seen, and heals by itself', async (context) => {
  await using opened = await open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByText('tail-1 waits for approval').waitFor()
  api.deaf = true
  await page.getByText('Connection lost.').waitFor()
  await page.getByText(/last seen \d+ s ago/).waitFor()
  expect(await page.getByText('tail-1 waits for approval').count()).toBe(1)
  api.deaf = false
  await page.getByText('Connection lost.').waitFor({ state: 'detached', timeout: 20_000 })
})

test('no view is wider than a phone', async (context) => {
  for (const at of ['#/fleet', '#/plans', ON_PLAN, `${ON_PLAN}/report`]) {
    await using opened = await open(context, { at, width: 390 })
    await opened.page.getByRole('table').first().waitFor()
    const widest = await opened.page.evaluate(() => document.documentElement.scrollWidth)

    expect([at, widest]).toEqual([at, 390])
  }
})

test('all script of the page is under 100 KB gzipped and nothing in the page is inline', async () => {
  const assets = join(folder, 'assets')
  const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'))
  const sizes = await Promise.all(
    scripts.map(async (name) => gzipSync(await readFile(join(assets, name))).length),
  )
  const page = await readFile(join(folder, 'index.html'), 'utf8')

  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_MAX_BYTES)
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|https?:/)
})
