import { afterAll, beforeAll, expect, test } from 'vitest'
import { requesterRefused } from './fake-api.ts'
import { ON_PLAN, Pages } from './pages.ts'
import { DIGEST, PLAN_ID, REQUESTED_BY, type RunState } from './worked-plan.ts'

let pages: Pages

beforeAll(async () => {
  pages = await Pages.build()
})

afterAll(() => pages[Symbol.asyncDispose]())

test('from the fleet a planner makes a plan, starts it and lands where it waits', async (context) => {
  await using opened = await pages.open(context, {
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
  await using opened = await pages.open(context)
  const { api, page, faults } = opened

  await page.getByRole('link', { name: 'Open its plan' }).click()
  await page.getByText('an approver who did not ask for the plan').waitFor()
  await page.getByText('no answer is no: the run is held and nothing moves').waitFor()
  expect(await page.getByRole('timer').textContent()).toMatch(/^2 d 23 h$/)
  await page.getByRole('button', { name: 'Approve…' }).click()
  const dialog = page.getByRole('dialog', { name: 'Approve tail-1' })
  await dialog.getByText('30 registries move').waitFor()
  await dialog.getByText('4be1c0 7a9d33').waitFor()
  await dialog.getByText('Rehearsal passed: all moves landed').waitFor()
  await dialog.getByText('when the destination’s telemetry is missing: the batch did not pass').waitFor()
  await dialog.getByLabel('Why').fill('rehearsal passed')
  await dialog.getByRole('button', { name: 'Approve tail-1' }).click()
  await page.getByText('Observing after tail-1').waitFor()

  expect(api.posted).toEqual([
    {
      path: `/plans/${PLAN_ID}/decisions`,
      body: {
        digest: DIGEST,
        gates: ['tail-1'],
        answer: 'approve',
        reason: 'rehearsal passed',
        evidence: 'e'.repeat(64),
      },
    },
  ])
  expect(await page.getByRole('dialog').count()).toBe(0)
  expect(faults).toEqual([])
})

test('an answer given before the run asks is said to be one ahead, for the next gate', async (context) => {
  const state: RunState = { done: 1, status: 'observing', allowed: ['decide', 'hold', 'rollback', 'abort'] }
  await using opened = await pages.open(context, { at: ON_PLAN, state })
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
  await using opened = await pages.open(context, {
    ...who,
    state: { done: 0, status: null, rehearsal: 'running' },
  })
  const { api, page } = opened

  await page.getByText('It can start once its rehearsal has passed').waitFor()
  expect(await page.getByRole('button', { name: 'Start…' }).count()).toBe(0)
  api.state = { done: 0, status: null, rehearsal: 'passed' }

  await page.getByRole('button', { name: 'Start…' }).waitFor()
})

test('one answer can be given to all remaining gates', async (context) => {
  await using opened = await pages.open(context, {
    at: ON_PLAN,
    state: { done: 4, status: 'awaitingApproval' },
  })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Reject…' }).click()
  await page.getByLabel('All 3 remaining gates at once').check()
  await page.getByLabel('Why').fill('change freeze')
  await page.getByRole('button', { name: 'Reject 3 gates' }).click()
  await expect.poll(() => api.posted.length).toBe(1)

  expect(api.posted[0]?.body).toMatchObject({ gates: ['top-2', 'top-3', 'top-4'], answer: 'reject' })
})

test('a gate is approved by keyboard alone', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN })
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
  await using opened = await pages.open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Approve…' }).click()
  await page.getByRole('button', { name: 'Approve tail-1' }).click()
  await page.keyboard.press('Escape')
  await expect.poll(() => page.getByRole('dialog').count()).toBe(0)

  expect(api.posted).toEqual([])
})

test('a refused approval is shown in the words of the server and the dialog stays', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN, name: REQUESTED_BY })
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
  await using opened = await pages.open(context, { roles: ['Reader'] })
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
  await using opened = await pages.open(context, { at: ON_PLAN, state: { done: 2, status: 'observing' } })
  const { api, page } = opened

  await page.getByRole('button', { name: 'Hold…' }).click()
  await page.getByText('No further move starts.').waitFor()
  await page.getByLabel('Why').fill('incident elsewhere')
  await page.getByRole('dialog').getByRole('button', { name: 'Hold' }).click()
  await page.getByText('Held at medium-2').waitFor()

  expect(api.posted).toEqual([{ path: `/plans/${PLAN_ID}/hold`, body: { reason: 'incident elsewhere' } }])
  expect(await page.getByRole('button', { name: 'Resume…' }).count()).toBe(1)
})
