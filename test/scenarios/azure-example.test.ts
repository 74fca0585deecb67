import { expect, test } from 'vitest'
import { azureFaults } from '../adapters/azure/azure-faults.ts'
import { startAzureWorld } from '../adapters/azure/azure-world.ts'
import { startLeadingPlane } from '../adapters/callout/leading-plane.ts'
import { apart, type PlatformOver, runExample, theExample, worthSeeing } from '../support/faulted-example.ts'

/** Several minutes on a busy machine: nearly all of it goes into the doubles of the database and of Monitor. */
const RUN_MS_MAX = 900_000
const POINTS_MAX = 0.1
const FAULT_SHARE = 0.05

const example = theExample()
const calm = await runExample(example)

async function sameTable(over: PlatformOver): Promise<void> {
  const end = await runExample(example, { over })
  console.info(end.text)
  expect(end).toMatchObject({ status: 'completed', once: 40 })
  expect(worthSeeing(end)).toEqual(worthSeeing(calm))
  expect(apart(end, calm)).toBeLessThan(POINTS_MAX)
}

test(
  'the worked example over the Azure adapters ends with the same table, each replica moved once',
  () => sameTable(({ twin, files, clock }) => startAzureWorld({ twin, fleet: files.fleet, clock })),
  RUN_MS_MAX,
)

test(
  'so it does with 5 % of all calls failing',
  async () => {
    const faults = azureFaults({ seed: 1, share: FAULT_SHARE })
    await sameTable(({ twin, files, clock }) =>
      startAzureWorld({ twin, fleet: files.fleet, clock, ...faults }),
    )
    const met = [...faults.met.values()].reduce((sum, count) => sum + count, 0)
    console.info(
      `${met} of ${faults.calls()} calls failed: ${JSON.stringify(Object.fromEntries(faults.met))}`,
    )
    expect(met / faults.calls()).toBeGreaterThan(FAULT_SHARE / 2)
    expect(faults.met.size).toBeGreaterThanOrEqual(10)
  },
  RUN_MS_MAX,
)

test(
  'and with the control plane of examples/callout-server for bindings, routes and nodes',
  () =>
    sameTable(async ({ twin, files, clock }) => {
      const { fleet } = files
      const plane = await startLeadingPlane({ twin, fleet, clock })
      const world = await startAzureWorld({ twin, fleet, clock, elsewhere: plane.offered })
      const stop = async () => {
        await Promise.all([world.stop(), plane.close()])
      }
      return { ...world, stop }
    }),
  RUN_MS_MAX,
)
