import fc from 'fast-check'
import { runCourse, worlds } from './model-course.ts'
import { ModelTally } from './model-tally.ts'

const FIRST_SEED = 1

export interface Seeds {
  readonly shard: number
  readonly of: number
  readonly fallback: number
}

/** From so many seeds on, everything that courses are to provoke must have happened. */
const TELLING = 200

/** RESTAMP_SEED repeats one seed; RESTAMP_SEEDS says how many there are over all shards, RESTAMP_FROM from which on. */
export function seedsOf({ shard, of, fallback }: Seeds): number[] {
  const { RESTAMP_SEED: one, RESTAMP_SEEDS: many, RESTAMP_FROM: from } = process.env
  if (one) return Number(one) % of === shard ? [Number(one)] : []
  const first = from ? Number(from) : FIRST_SEED
  const count = many ? Number(many) : fallback
  return Array.from({ length: count }, (_, at) => first + at).filter((seed) => seed % of === shard)
}

/** What each failing seed broke, with the one command that repeats it, and what happened over all of them. */
export async function runSeeds(seeds: readonly number[], failuresMax = 5) {
  const tally = new ModelTally()
  const failures: string[] = []
  const began = process.cpuUsage()
  let done = 0
  for (const seed of seeds) {
    if (failures.length >= failuresMax) break
    const property = fc.asyncProperty(worlds, (world) => runCourse(world, seed, tally))
    const result = await fc.check(property, { seed, numRuns: 1, endOnFailure: true })
    done += 1
    if (!result.failed) continue
    const words = result.errorInstance instanceof Error ? result.errorInstance.message : 'it failed'
    failures.push(`RESTAMP_SEED=${seed} npm test -- test/scenarios/model\n  ${words}`)
    if (process.env.RESTAMP_SEED) failures.push(JSON.stringify(result.counterexample, null, 1))
  }
  const { user, system } = process.cpuUsage(began)
  const msEach = (user + system) / 1000 / Math.max(1, done)
  const missing = done >= TELLING ? tally.missing() : []
  return { tally, failures, missing, words: `${done} seeds, ${msEach.toFixed(0)} ms of CPU each: ${tally}` }
}
