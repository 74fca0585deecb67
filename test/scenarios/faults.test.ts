import { expect, test } from 'vitest'
import { replicaId } from '../../src/domain/ids.ts'
import { SeededFaults } from '../../src/host/testkit.ts'
import { startAnsweredRun } from '../support/answered-run.ts'
import { FaultTally } from '../support/fault-tally.ts'
import { REGION } from '../support/small-region.ts'

/** `RESTAMP_SEEDS=500 npm test -- test/scenarios/faults` for more; `RESTAMP_SEED=n` for one. */
const ONE = process.env.RESTAMP_SEED
const SEEDS = ONE
  ? [Number(ONE)]
  : Array.from({ length: Number(process.env.RESTAMP_SEEDS ?? 8) }, (_, at) => at + 1)
const RUN_MS_MAX = 60_000

test(
  `a migration ends the same under ${SEEDS.length} seeds of faults, each replica moved exactly once, its audit whole`,
  async () => {
    const tally = new FaultTally()
    for (const seed of SEEDS) {
      const faults = new SeededFaults(seed)
      const migration = await startAnsweredRun({ faults })
      try {
        const { status } = await migration.run()
        expect(status, `RESTAMP_SEED=${seed} npm test -- test/scenarios/faults`).toMatchObject({
          kind: 'completed',
        })
        for (const { registry } of migration.plan.moves) {
          const binding = await migration.ports.catalog.binding(replicaId(registry, REGION))
          expect(binding, `seed ${seed}, ${registry}`).toMatchObject({ homeStamp: 's-c', epoch: 2 })
        }
        expect(await migration.audit(), `seed ${seed}`).toMatchObject({ kind: 'intact' })
      } finally {
        await migration.stop()
      }
      tally.add(faults.counts)
    }
    process.stdout.write(`faults that hit: ${tally}\n`)
    // Nobody is asked here, so time only skips and the wall clock is not looked at; few messages come at one time.
    if (!ONE)
      expect(['clockBack', 'clockForward', 'reordered']).toEqual(expect.arrayContaining(tally.missing()))
  },
  RUN_MS_MAX * SEEDS.length,
)
