import { afterAll, beforeAll, expect, test } from 'vitest'
import { dayByDay, replayOf } from '../../src/dashboard/replays.ts'
import { Pages } from './pages.ts'
import { fileOf, REPLAY_FILES, SOME_BACKTEST, SOME_SHADOW } from './some-replays.ts'

let pages: Pages
beforeAll(async () => {
  pages = await Pages.build()
})
afterAll(() => pages[Symbol.asyncDispose]())

test('what the commands print is known by its shape, and anything else is said to be none', () => {
  expect(replayOf('a.json', JSON.stringify(SOME_BACKTEST))).toEqual({
    kind: 'backtest',
    policies: SOME_BACKTEST,
  })
  expect(replayOf('a.json', JSON.stringify(SOME_SHADOW))).toEqual({ kind: 'shadow', shadow: SOME_SHADOW })
  for (const text of ['{', 'null', '[]', '{}', '[{"days":1}]', '{"proposals":[]}', '"backtest"'])
    expect(replayOf('a.json', text)).toMatchObject({
      kind: 'refused',
      words: expect.stringContaining('a.json is'),
    })
})

test('a day that a policy was not replayed on is none of its days', () => {
  expect(dayByDay(SOME_BACKTEST).map(({ days }) => days.map((day) => day?.moves))).toEqual([
    [0, 3],
    [0, undefined],
  ])
})

test('a backtest and a shadow are laid side by side, and sent nowhere', async (context) => {
  await using opened = await pages.open(context, { at: '#/policy' })
  const { api, page, faults } = opened
  await page.getByRole('link', { name: 'backtest' }).click()
  await page.getByLabel('What they have printed').setInputFiles(REPLAY_FILES)
  await page.getByRole('row', { name: /next\.json 1 1 3 40 12/ }).waitFor()
  await page.getByRole('row', { name: /1 Mar.*weu-a hot.*weu-a hot Rebalance, 3 moves/ }).waitFor()
  await page.getByRole('row', { name: /2 Mar.*weu-b dataproxy 44\.0 42\.5 to 46\.0 51\.2 missed/ }).waitFor()
  await page.getByText('1 move: made after the end of the data').waitFor()
  expect([api.posted, faults]).toEqual([[], []])
})

test('a file that is no replay is refused by name', async (context) => {
  await using opened = await pages.open(context, { at: '#/replays' })
  await opened.page.getByLabel('What they have printed').setInputFiles([fileOf('report.json', '{"rows":[]}')])
  await opened.page.getByRole('alert').getByText('report.json is some other document').waitFor()
})
