import { expect, test } from 'vitest'
import { runSeeds, seedsOf } from './model-seeds.ts'

const FILES = 2
/** Five to six minutes on two cores that do nothing else. */
const SEEDS = 10_000

/** One file's share of the seeds: two files, so that two workers run them side by side. */
export function testSeeds(which: 'even' | 'odd'): void {
  const seeds = seedsOf({ shard: which === 'even' ? 0 : 1, of: FILES, fallback: SEEDS })
  test(`whatever people, platform, clock and kills do, no rule of a run is broken: ${which} seeds`, {
    timeout: 86_400_000,
  }, async () => {
    const { failures, words, missing } = await runSeeds(seeds)
    process.stdout.write(`model: ${words}\n`)
    expect(failures.join('\n')).toBe('')
    expect(missing).toEqual([])
  })
}
