import { expect, test } from 'vitest'
import { FaultKind } from '../../src/domain/rehearsal.ts'
import { rehearseFaults } from '../../src/rehearsal/faults.ts'
import { acmePlan } from '../support/answered-run.ts'
import { DATA_ENDS_MS, smallRegion } from '../support/small-region.ts'

const job = { plan: acmePlan(), ...smallRegion(), nowMs: DATA_ENDS_MS }

test('a batch under the standard faults comes to the same each time, and it is said what became of it', async () => {
  const first = await rehearseFaults(job)
  expect(first.map(({ fault, outcome }) => [fault, outcome])).toEqual(
    FaultKind.options.map((fault) => [fault, 'safe']),
  )
  expect(first.map(({ words }) => words)).toEqual([
    expect.stringMatching(/^noticed after 10 min; acme0. went home, all traffic led there within a minute/),
    expect.stringMatching(/^the batch did not pass: not enough evidence to let top-1 pass/),
    expect.stringMatching(/^2 re-binds failed and were made again; acme0. moved exactly once$/),
    expect.stringMatching(/^at the drain’s deadline the old home goes on serving 1 of 1, for 24 h at most/),
    expect.stringMatching(
      /^killed while a re-bind was under way, and started anew; acme0. moved exactly once$/,
    ),
  ])
  expect(await rehearseFaults(job)).toEqual(first)
}, 60_000)

test('a batch that never moves was put to no test, and nothing is said to be safe', async () => {
  const cpu = job.cpu.map((pool) =>
    pool.stamp === 's-c'
      ? { ...pool, samples: { ...pool.samples, cpuPercent: pool.samples.cpuPercent.map(() => 95) } }
      : pool,
  )
  for (const { outcome, words } of await rehearseFaults({ ...job, cpu })) {
    expect(outcome).toBe('unknown')
    expect(words).toMatch(/^the batch did not move: s-c compute/)
  }
}, 60_000)
