import { expect, test } from 'vitest'
import { apart, exampleFaults, runExample, theExample, worthSeeing } from '../support/faulted-example.ts'

/** `npm run fault-run -- --seeds 500` for more, `--seed n` for one. */
const SEEDS = [1, 2]
const RUN_MS_MAX = 120_000
const POINTS_MAX = 0.1

test(
  `the worked example ends with the same table under ${SEEDS.length} seeds of faults, each replica moved once`,
  async () => {
    const example = theExample()
    const calm = await runExample(example)
    expect(calm).toMatchObject({ status: 'completed', once: 40 })
    for (const seed of SEEDS) {
      const end = await runExample(example, { faults: exampleFaults(seed) })
      expect(worthSeeing(end), `npm run fault-run -- --seeds 1 --seed ${seed}`).toEqual(worthSeeing(calm))
      expect(apart(end, calm)).toBeLessThan(POINTS_MAX)
      expect(end.crashes).toBeGreaterThan(0)
    }
  },
  RUN_MS_MAX * (SEEDS.length + 1),
)
