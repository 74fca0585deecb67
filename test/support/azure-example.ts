import { expect } from 'vitest'
import { apart, type PlatformOver, runExample, theExample, worthSeeing } from './faulted-example.ts'

/** Minutes on a busy machine: nearly all of it goes into the doubles of the database and of Monitor. */
export const AZURE_EXAMPLE_MS_MAX = 900_000
const POINTS_MAX = 0.1

/** Runs the worked example over a platform and over its twin alone, and expects the same table and every replica moved once. */
export async function expectSameTable(over: PlatformOver): Promise<void> {
  const example = theExample()
  const calm = await runExample(example)
  const end = await runExample(example, { over })
  console.info(end.text)
  expect(end).toMatchObject({ status: 'completed', once: 40 })
  expect(worthSeeing(end)).toEqual(worthSeeing(calm))
  expect(apart(end, calm)).toBeLessThan(POINTS_MAX)
}
