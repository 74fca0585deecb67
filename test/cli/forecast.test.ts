import { expect, test } from 'vitest'
import { aFolder } from '../adapters/files/written.ts'
import { runCli } from './run-cli.ts'

const { csv } = aFolder()
const HOUR_MS = 3_600_000

/** Hourly rows of days that begin on a Thursday. */
function hourly(days: number, at: (hour: number) => number): string {
  const rows = Array.from({ length: days * 24 }, (_, hour) => {
    const time = new Date(Date.UTC(2026, 0, 1) + hour * HOUR_MS).toISOString()
    return `${time},n1,${at(hour)}`
  })
  return csv('timestamp,node,cpu_percent', ...rows)
}
const daily = (hour: number) => (hour % 24 >= 8 && hour % 24 < 20 ? 50 : 10)

test('the coming days are printed with figure, band and start of the peak window', async () => {
  const { out, exitCode } = await runCli('forecast', hourly(14, daily), '--days', '2', '--json')
  expect(exitCode).toBe(0)
  expect(JSON.parse(out)).toEqual([
    {
      region: null,
      stamp: null,
      pool: null,
      error: 0,
      growthPerWeek: 0,
      skew: null,
      days: ['15', '16'].map((day) => ({
        day: `2026-01-${day}`,
        windowStart: `2026-01-${day}T08:00:00Z`,
        hotNodeP95: 50,
        low: 37.5,
        high: 62.5,
      })),
    },
  ])
})

test('a pool that grows is told when it will be hot, and --fail-on hot ends with 1', async () => {
  const growing = hourly(28, (hour) => daily(hour) + Math.floor(hour / 24) / 2)
  const { out, exitCode } = await runCli('forecast', growing, '--fail-on', 'hot')
  expect(out).toContain('growth 3.5 points a week; hot from 2026-02-10 08:00Z')
  expect(exitCode).toBe(1)
  expect((await runCli('forecast', hourly(14, daily), '--fail-on', 'hot')).exitCode).toBe(0)
})

test('a few days are too few, which is said and fails with --fail-on', async () => {
  const { out, exitCode } = await runCli('forecast', hourly(5, daily), '--fail-on', 'hot')
  expect([out, exitCode]).toEqual([expect.stringContaining('fewer than 7 days'), 1])
})

test('what the hottest node shows by load and node count is learned, with its error', async () => {
  const rows = Array.from({ length: 14 * 24 }, (_, hour) => {
    const time = new Date(Date.UTC(2026, 0, 1) + hour * HOUR_MS).toISOString()
    return [`${time},n1,${daily(hour) * 1.2}`, `${time},n2,${daily(hour) * 0.8}`]
  })
  const path = csv('timestamp,node,cpu_percent', ...rows.flat())
  const [{ skew }] = JSON.parse((await runCli('forecast', path, '--json')).out)
  expect(skew.error).toBe(1)
  expect((await runCli('forecast', path)).out).toContain('from load and node count to 1.0 points')
})

test.each([
  ['--days', '0'],
  ['--days', '29'],
  ['--days', 'two'],
  ['--fail-on', 'warm'],
])('%s %s is refused', async (option, value) => {
  expect((await runCli('forecast', hourly(8, daily), option, value)).exitCode).toBe(2)
})
