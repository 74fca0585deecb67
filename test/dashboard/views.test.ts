import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { ON_PLAN, Pages } from './pages.ts'
import { PLAN_ID } from './worked-plan.ts'

const REGISTRIES = 10_000
const ELEMENTS_MAX = 12_000
const SCRIPT_MAX_BYTES = 100_000

let pages: Pages

beforeAll(async () => {
  pages = await Pages.build()
})

afterAll(() => pages[Symbol.asyncDispose]())

test('a run that goes on shows without a reload', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByText('0 of 40', { exact: true }).waitFor()
  api.state = { done: 3, status: 'observing' }
  await page.getByText('Observing after top-1').waitFor()

  await page.getByText('37 of 40', { exact: true }).waitFor()
})

test('three figures stand side by side and Max alone is said to have moved load', async (context) => {
  await using opened = await pages.open(context, { at: '#/fleet?stamp=weu-a&pool=dataproxy' })
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
  await using opened = await pages.open(context, {
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
  const served = page.getByRole('row', { name: /at the latest/ })
  expect(await served.textContent()).toMatch(/2 requests and 1 uploads open, by upload-7, client-3/)
  expect(faults).toEqual([])
})

test('a report is saved as one file, as HTML and as Markdown', async (context) => {
  await using opened = await pages.open(context, {
    at: `${ON_PLAN}/report`,
    state: { done: 7, status: 'completed' },
  })
  const { page, faults } = opened
  const saved = async (name: string) => {
    const [file] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name }).click(),
    ])
    return [file.suggestedFilename(), await readFile(await file.path(), 'utf8')]
  }
  const [htmlName, html] = await saved('Save as HTML')
  expect([htmlName, html]).toEqual([`${PLAN_ID}.html`, expect.stringMatching(/^<!doctype html>[\s\S]*43\.1/)])
  const [markdownName, markdown] = await saved('Save as Markdown')
  expect([markdownName, markdown]).toEqual([`${PLAN_ID}.md`, expect.stringMatching(/^# Before and after/)])
  expect(faults).toEqual([])
})

test('the token leaves the address at once and a reload stays signed in', async (context) => {
  await using opened = await pages.open(context)
  const { page } = opened

  await page.getByText('contoso dominates').waitFor()
  expect(page.url()).not.toContain('token')
  await page.reload()
  await page.getByText('contoso dominates').waitFor()
})

test('a token that the server does not know leads to how to sign in again', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN })
  const { api, page } = opened

  await page.getByText('tail-1 waits for approval').waitFor()
  api.token = 'another start'
  await page.getByRole('heading', { name: 'Sign in again' }).waitFor()

  await page.getByText('Open the link that npm start printed').waitFor()
})

test('behind a sign-in the browser’s own session is enough, and when it is over the page leads to the sign-in', async (context) => {
  await using opened = await pages.open(context, { isBehindSignIn: true, at: ON_PLAN })
  const { api, page, faults } = opened

  await page.getByText('tail-1 waits for approval').waitFor()
  api.token = 'another session'
  await page.getByText('Your session is over.').waitFor()
  const link = await page.getByRole('link', { name: 'Sign in' }).getAttribute('href')
  expect(link).toBe('/.auth/login/aad?post_login_redirect_uri=/dashboard/')
  expect(faults).toEqual([])
})

test('a lost connection is said, with when the page was last seen, and heals by itself', async (context) => {
  await using opened = await pages.open(context, { at: ON_PLAN })
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
  const others = ['#/stamps/weu-a', '#/incidents', `#/audit/${PLAN_ID}`, '#/policy', '#/replays']
  for (const at of ['#/fleet', '#/plans', ON_PLAN, `${ON_PLAN}/report`, ...others]) {
    await using opened = await pages.open(context, { at, width: 390 })
    await opened.page.locator('table:visible, .cards, input[type=file]').first().waitFor()
    const widest = await opened.page.evaluate(() => document.documentElement.scrollWidth)

    expect([at, widest]).toEqual([at, 390])
  }
})

test('10,000 registries are no more to draw than a page of them, and the rest comes when it is asked for', async (context) => {
  await using opened = await pages.open(context, { registries: REGISTRIES })
  const { page, faults } = opened
  const drawn = () => page.evaluate(() => document.querySelectorAll('*').length)
  await page.getByRole('table').getByRole('link', { name: 'weu-100', exact: true }).waitFor()
  expect(await drawn()).toBeLessThan(ELEMENTS_MAX)
  await page.goto(new URL(ON_PLAN, page.url()).href)
  await page.getByRole('heading', { name: `Moves ${REGISTRIES}` }).waitFor()
  const rows = page.locator('.moves tbody tr')
  const before = await rows.count()
  await page.getByRole('button', { name: `Show 200 more of ${REGISTRIES}` }).click()
  await expect.poll(() => rows.count()).toBe(before + 200)
  expect(await drawn()).toBeLessThan(ELEMENTS_MAX)
  expect(faults).toEqual([])
})

test('all script of the page is under 100 KB gzipped and nothing in the page is inline', async () => {
  const assets = join(pages.folder, 'assets')
  const scripts = (await readdir(assets)).filter((name) => name.endsWith('.js'))
  const sizes = await Promise.all(
    scripts.map(async (name) => gzipSync(await readFile(join(assets, name))).length),
  )
  const page = await readFile(join(pages.folder, 'index.html'), 'utf8')

  expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(SCRIPT_MAX_BYTES)
  expect(page).not.toMatch(/<style|style=|<script(?![^>]*\bsrc=)|https?:/)
})
