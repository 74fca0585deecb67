import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ON_PLAN, Pages } from './pages.ts'
import { REPLAY_FILES } from './some-replays.ts'
import { PLAN_ID } from './worked-plan.ts'

const AXE = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8')
const RULES: RunOptions = {
  runOnly: { type: 'tag', values: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] },
}
const WIDTHS = [1280, 390]

let pages: Pages
beforeAll(async () => {
  pages = await Pages.build()
})
afterAll(() => pages[Symbol.asyncDispose]())

interface View {
  readonly name: string
  readonly who: Omit<NonNullable<Parameters<Pages['open']>[1]>, 'width' | 'theme'>
  /** Brings it to what is looked at. */
  readonly reach: (page: Page) => Promise<unknown>
}

const VIEWS: readonly View[] = [
  {
    name: 'the fleet',
    who: {},
    reach: (page) => page.getByText('contoso dominates').waitFor(),
  },
  {
    name: 'a first run over a simulated region',
    who: { speed: { rate: 3_600 } },
    reach: async (page) => {
      await page.getByText('contoso dominates').waitFor()
      await page.getByRole('complementary', { name: 'First run' }).waitFor()
    },
  },
  {
    name: 'a pool of the fleet',
    who: { at: '#/fleet?stamp=weu-a&pool=dataproxy' },
    reach: async (page) => {
      await page.getByText('would move load').waitFor()
      await page.getByText('As text').click()
    },
  },
  {
    name: 'the plans',
    who: { at: '#/plans' },
    reach: (page) =>
      page
        .getByRole('link', { name: /contoso/ })
        .first()
        .waitFor(),
  },
  {
    name: 'a plan that waits',
    who: { at: ON_PLAN },
    reach: (page) => page.getByText('tail-1 waits for approval').waitFor(),
  },
  {
    name: 'an approval',
    who: { at: ON_PLAN },
    reach: async (page) => {
      await page
        .getByRole('button', { name: /^Approve/ })
        .first()
        .click()
      await page.getByRole('dialog').waitFor()
    },
  },
  {
    name: 'a plan that is observed',
    who: { at: ON_PLAN, state: { done: 3, status: 'observing' } },
    reach: (page) => page.getByText('Observing after top-1').waitFor(),
  },
  {
    name: 'a stamp',
    who: { at: '#/stamps/weu-a', roles: ['Planner'] },
    reach: async (page) => {
      await page.getByRole('button', { name: 'Show' }).click()
      await page.getByText('Then planned').waitFor()
    },
  },
  {
    name: 'the incidents',
    who: { at: '#/incidents' },
    reach: async (page) => {
      await page.getByLabel('Those that are over, too').check()
      await page.getByText('every pool is cool again').waitFor()
      await page.getByText('2 signs were joined').first().click()
    },
  },
  {
    name: 'an audit',
    who: { at: `#/audit/${PLAN_ID}` },
    reach: (page) => page.getByText('Whole: 3 entries').waitFor(),
  },
  {
    name: 'the policy',
    who: { at: '#/policy' },
    reach: async (page) => {
      await page.getByText('What would another policy change?').click()
      const text = page.getByLabel('The policy, as in the file that is deployed')
      await text.fill((await text.inputValue()).replace('"hotPercent": 70', '"hotPercent": 66'))
      await page.getByRole('button', { name: 'Compare' }).click()
      await page.locator('.changes ins').waitFor()
    },
  },
  {
    name: 'a backtest and a shadow',
    who: { at: '#/replays' },
    reach: async (page) => {
      await page.getByLabel('What they have printed').setInputFiles(REPLAY_FILES)
      await page.getByText('next.json').first().waitFor()
    },
  },
  {
    name: 'a report',
    who: { at: `${ON_PLAN}/report`, state: { done: 7, status: 'completed' } },
    reach: (page) => page.getByRole('heading', { name: /Moves 40/ }).waitFor(),
  },
]

describe.each(VIEWS)('$name', ({ who, reach }) => {
  test.for(['light', 'dark'] as const)(
    'axe finds nothing in the %s theme, on a desk and on a phone',
    async (theme, context) => {
      for (const width of WIDTHS) {
        await using opened = await pages.open(context, { ...who, theme, width })
        await reach(opened.page)
        expect([width, await problemsOf(opened.page)]).toEqual([width, []])
      }
    },
  )
})

/** The page's own policy lets no script in but its own; the browser's inspector may. */
async function problemsOf(page: Page): Promise<string[]> {
  await page.evaluate(AXE)
  const found: AxeResults = await page.evaluate(
    (rules) => Reflect.get(window, 'axe').run(document, rules),
    RULES,
  )
  return found.violations.map(
    ({ id, impact, nodes }) =>
      `${impact} ${id}: ${nodes
        .map(({ html }) => html.slice(0, 160))
        .slice(0, 3)
        .join(' | ')}`,
  )
}
