import { afterAll, beforeAll, expect, test } from 'vitest'
import { ON_PLAN, Pages } from './pages.ts'

let pages: Pages
beforeAll(async () => {
  pages = await Pages.build()
})
afterAll(() => pages[Symbol.asyncDispose]())

test('where time is the world’s nobody is guided, and nothing is called simulated', async (context) => {
  await using opened = await pages.open(context)
  await opened.page.getByText('contoso dominates').waitFor()
  expect(await opened.page.getByText('Simulated region').count()).toBe(0)
})

test.for([
  ['before there is a plan', { planned: false }, 'See what is hot'],
  ['before the run is started', { state: { done: 0, status: null } }, 'Read the plan and start it'],
  ['at a gate', { state: { done: 1, status: 'awaitingApproval' } }, /^Approve \S+-1$/],
  ['while it is observed', { state: { done: 1, status: 'observing' } }, 'Watch it'],
  ['when it is held', { state: { done: 1, status: 'held' } }, 'Watch it'],
  ['at the end', { state: { done: 7, status: 'completed' } }, 'Read the report'],
] as const)('the guide says where a first run is: %s', async ([, who, title], context) => {
  await using opened = await pages.open(context, { ...who, speed: { rate: 3_600 } })
  const now = opened.page.getByRole('complementary', { name: 'First run' }).locator('[aria-current=step]')
  await now.getByRole('link', { name: title }).waitFor()
  expect(await now.count()).toBe(1)
  expect(opened.faults).toEqual([])
})

test('a reader is told who approves, and can not change how fast time passes', async (context) => {
  await using opened = await pages.open(context, { roles: ['Reader'], speed: 'real' })
  await opened.page.getByText('You are no approver, so somebody else approves').waitFor()
  expect(await opened.page.getByLabel('time passes').isDisabled()).toBe(true)
})

test('the clock’s speed is chosen by hand; one chosen elsewhere is shown, and a refusal is told', async (context) => {
  await using opened = await pages.open(context, { speed: { rate: 7 } })
  const { api, page } = opened
  const speed = page.getByLabel('time passes')
  await speed.getByRole('option', { name: '7 times as fast', selected: true }).waitFor({ state: 'attached' })
  await speed.selectOption('no waiting')
  await expect.poll(() => api.posted).toEqual([{ path: '/clock', body: { speed: 'skip' } }])
  await speed.getByRole('option', { name: 'no waiting', selected: true }).waitFor({ state: 'attached' })
  api.refuseNext = { type: 'about:blank', title: 'no', status: 409, detail: 'time is the world’s here' }
  await speed.selectOption('an hour a second')
  await page.getByRole('alert').getByText('time is the world’s here').waitFor()
  await speed.getByRole('option', { name: 'no waiting', selected: true }).waitFor({ state: 'attached' })
})

test('a guide that was folded stays folded in the next view and after a reload', async (context) => {
  await using opened = await pages.open(context, { speed: 'skip', at: ON_PLAN })
  const { page } = opened
  const steps = page.getByRole('list').filter({ hasText: 'See what is hot' })
  await steps.waitFor()
  await page.getByText('First run, step').click()
  await steps.waitFor({ state: 'hidden' })
  await page.reload()
  await page.getByText('First run, step').waitFor()
  expect(await steps.isVisible()).toBe(false)
})
