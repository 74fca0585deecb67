import { expect, test } from 'vitest'
import { startAzureWorld } from '../adapters/azure/azure-world.ts'
import { apart, type PlatformOver, runExample, theExample, worthSeeing } from '../support/faulted-example.ts'

const RUN_MS_MAX = 300_000
const POINTS_MAX = 0.1

const overAzure: PlatformOver = ({ twin, files, clock }) =>
  startAzureWorld({ twin, fleet: files.fleet, clock })

test(
  'the worked example over the Azure adapters ends with the same table, each replica moved once',
  async () => {
    const example = theExample()
    const calm = await runExample(example)
    const azure = await runExample(example, { over: overAzure })

    console.info(azure.text)
    expect(azure).toMatchObject({ status: 'completed', once: 40 })
    expect(worthSeeing(azure)).toEqual(worthSeeing(calm))
    expect(apart(azure, calm)).toBeLessThan(POINTS_MAX)
  },
  RUN_MS_MAX,
)
