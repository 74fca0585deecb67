import { afterAll, beforeAll, expect, test } from 'vitest'
import { Pages } from './pages.ts'
import { PLAN_ID } from './worked-plan.ts'

let pages: Pages
beforeAll(async () => {
  pages = await Pages.build()
})
afterAll(() => pages[Symbol.asyncDispose]())

test('a stamp shows who causes its hot minutes, and what would be if one of them lived elsewhere', async (context) => {
  await using opened = await pages.open(context, { roles: ['Planner'] })
  const { api, page, faults } = opened
  await page.getByRole('table').getByRole('link', { name: 'weu-a', exact: true }).click()
  const row = page.getByRole('row', { name: /contoso07.*21\.4.*19\.8 to 23\.0/ })
  await row.waitFor()
  await page.getByLabel('Registry', { exact: true }).fill('contoso07')
  await page.getByLabel('Stamp', { exact: true }).selectOption('weu-b')
  await page.getByRole('button', { name: 'Show' }).click()
  const hot = page.getByRole('row', { name: /weu-b \/ dataproxy/ })
  await hot.waitFor()
  expect(await hot.textContent()).toMatch(/39\.871\.2\+31\.4 points/)
  expect(api.posted).toEqual([
    {
      path: '/what-if',
      body: { region: 'westeurope', suppose: [{ kind: 'move', registry: 'contoso07', to: 'weu-b' }] },
    },
  ])
  expect(faults).toEqual([])
})

test('a reader sees a stamp without the form that makes the server work', async (context) => {
  await using opened = await pages.open(context, { roles: ['Reader'], at: '#/stamps/weu-a' })
  await opened.page.getByRole('row', { name: /contoso07/ }).waitFor()
  expect(await opened.page.getByRole('button', { name: 'Show' }).count()).toBe(0)
})

test('an incident says who sees to it or what blocks that, and is ended with a reason', async (context) => {
  await using opened = await pages.open(context, { at: '#/incidents' })
  const { api, page } = opened
  await page.getByRole('link', { name: PLAN_ID }).first().waitFor()
  await page.getByText('Blocked by freeze: year-end freeze until 4 January').waitFor()
  expect(await page.getByText('every pool is cool again').count()).toBe(0)
  await page.getByRole('button', { name: 'End weu-b.customer-report.9999' }).click()
  await page.getByLabel('Why').fill('the customer says that pulls work')
  await page.getByRole('button', { name: 'End it' }).click()
  await page.getByRole('dialog').waitFor({ state: 'detached' })
  expect(api.posted).toEqual([
    {
      path: '/incidents/westeurope/weu-b.customer-report.9999/resolve',
      body: { reason: 'the customer says that pulls work' },
    },
  ])
})

test('an audit says that it is whole, and shows its entries page by page', async (context) => {
  await using opened = await pages.open(context, { at: `#/audit/${PLAN_ID}` })
  const { page } = opened
  await page
    .getByText('Whole: 3 entries, each with the hash of the one before; anchored elsewhere up to 2')
    .waitFor()
  expect(await page.locator('tbody tr').count()).toBe(2)
  await page.getByRole('button', { name: 'Later ones' }).click()
  await page.getByRole('row', { name: /re-bound contoso07@westeurope.*weu-a.*weu-b/ }).waitFor()
  await page.getByRole('button', { name: 'Later ones' }).click()
  await page.getByRole('button', { name: 'Later ones' }).waitFor({ state: 'detached' })
  expect(await page.locator('tbody tr').count()).toBe(3)
})

test('a broken audit is an alarm', async (context) => {
  await using opened = await pages.open(context)
  opened.api.isAuditWhole = false
  await opened.page.goto(new URL(`#/audit/${PLAN_ID}`, opened.page.url()).href)
  const alarm = opened.page.getByRole('alert')
  await alarm.waitFor()
  expect(await alarm.textContent()).toContain('Broken at entry 2: its hash is not that of what it says')
})

test('the policy is shown with what each value means, and another one is compared before it is deployed', async (context) => {
  await using opened = await pages.open(context, { at: '#/policy' })
  const { page, faults } = opened
  await page.getByRole('row', { name: /hotPercent 70 A pool is hot from this hot-node P95 on/ }).waitFor()
  expect(await page.getByRole('row', { name: /^windows.*set here/ }).count()).toBe(1)
  await page.getByText('What would another policy change?').click()
  const text = page.getByLabel('The policy, as in the file that is deployed')
  const present = await text.inputValue()
  const compare = async (changed: string) => {
    await text.fill(changed)
    await page.getByRole('button', { name: 'Compare' }).click()
  }
  await compare(present)
  await page.getByText('It changes nothing.').waitFor()
  await compare(present.replace('"hotPercent": 70', '"hotPercent": 66'))
  await page.locator('.changes del', { hasText: '70' }).waitFor()
  expect(await page.locator('.changes ins').textContent()).toBe('66')
  await compare(present.replace('"hotPercent": 70', '"hotPercent": 700'))
  await page.getByText('It would be refused: hotPercent').waitFor()
  await compare('{')
  await page.getByText('This is no JSON object').waitFor()
  expect(faults).toEqual([])
})
