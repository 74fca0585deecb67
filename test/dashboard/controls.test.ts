import { afterAll, beforeAll, expect, test } from 'vitest'
import { ON_PLAN, Pages } from './pages.ts'
import { PLAN_ID, type RunState } from './worked-plan.ts'

let pages: Pages
beforeAll(async () => {
  pages = await Pages.build()
})
afterAll(() => pages[Symbol.asyncDispose]())

const OBSERVING: RunState = {
  ...{ done: 4, status: 'observing' },
  allowed: ['decide', 'hold', 'rollback', 'abort', 'skip', 'extendObservation'],
}

test('a freeze of everything says what it does, takes a reason, and is then shown with who and why', async (context) => {
  await using opened = await pages.open(context)
  const { api, page, faults } = opened

  await page.getByText('everything: off').waitFor()
  await page.getByRole('button', { name: 'Freeze everything' }).click()
  const dialog = page.getByRole('dialog', { name: 'Freeze: everything' })
  await dialog.getByText('moves under way stand still').waitFor()
  await dialog.getByText('1 plan under way').waitFor()
  await dialog.getByRole('button', { name: 'Freeze', exact: true }).click()
  expect(api.posted).toEqual([])
  await dialog.getByLabel('Why').fill('an incident next door')
  await dialog.getByRole('button', { name: 'Freeze', exact: true }).click()
  await page.getByText(/everything: freeze, by amira at .*: an incident next door/).waitFor()

  expect(api.posted).toEqual([
    { path: '/switches', body: { scope: '*', setting: 'freeze', reason: 'an incident next door' } },
  ])
  expect(await page.getByRole('button', { name: 'Lift everything' }).count()).toBe(1)
  expect(faults).toEqual([])
})

test('a registry is skipped, an observation extended and ended, a batch and a phase rolled back, each with its preview', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN, state: OBSERVING })
  const { api, page, faults } = opened
  const give = async (button: string, confirm: RegExp, prepare: () => Promise<void>) => {
    await page.getByRole('button', { name: `${button}…`, exact: true }).click()
    await prepare()
    await page.getByLabel('Why').fill('a test wants it')
    await page.getByRole('dialog').getByRole('button', { name: confirm }).click()
    await page.getByRole('dialog').waitFor({ state: 'detached' })
  }
  const says = (words: RegExp) => page.getByRole('dialog').getByText(words).waitFor()

  await give('Skip a registry', /^Skip contoso/, () => says(/It stays on weu-.* goes on without it/))
  await give('Extend observation', /^Extend/, async () => {
    await page.getByLabel('Hours').fill('12')
    await says(/is observed until .* instead of/)
  })
  await give('End observation', /^End/, () => says(/passes on what was seen so far/))
  await give('Roll back a part', /^Roll back tail-1$/, async () => {
    await page.getByLabel('Batch or phase').selectOption('tail-1')
    await says(/^30 registries go back/)
  })
  await give('Roll back a part', /^Roll back medium$/, async () => {
    await page.getByLabel('Batch or phase').selectOption('medium')
    await says(/Then the run holds/)
  })

  const reason = 'a test wants it'
  expect(api.posted).toEqual([
    { path: `/plans/${PLAN_ID}/skip`, body: { registry: expect.stringMatching(/^contoso/), reason } },
    { path: `/plans/${PLAN_ID}/observation`, body: { set: 'extend', hours: 12, reason } },
    { path: `/plans/${PLAN_ID}/observation`, body: { set: 'end', reason } },
    { path: `/plans/${PLAN_ID}/rollback`, body: { gate: 'tail-1', reason } },
    { path: `/plans/${PLAN_ID}/rollback`, body: { phase: 'medium', reason } },
  ])
  expect(faults).toEqual([])
})

test('who may only read sees which switches are on, and no button that turns one', async (context) => {
  await using opened = await pages.open(context, { roles: ['Reader'] })
  const { page } = opened
  await page.getByText('everything: off').waitFor()
  expect(await page.getByRole('button', { name: /Freeze|No new moves/ }).count()).toBe(0)
})
