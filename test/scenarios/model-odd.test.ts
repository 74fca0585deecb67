import { expect, test } from 'vitest'
import { runSeeds, seedsOf } from './model-seeds.ts'

const seeds = seedsOf({ shard: 1, of: 2, fallback: 120 })

test('whatever people, platform, clock and kills do, no rule of a run is broken: odd seeds', {
  timeout: 86_400_000,
}, async () => {
  const { failures, words, missing } = await runSeeds(seeds)
  process.stdout.write(`model: ${words}\n`)
  expect(failures.join('\n')).toBe('')
  expect(missing).toEqual([])
})
