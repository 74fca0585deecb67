import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { azureFaults } from '../adapters/azure/azure-faults.ts'
import { startAzureWorld } from '../adapters/azure/azure-world.ts'
import { AZURE_EXAMPLE_MS_MAX, expectSameTable } from '../support/azure-example.ts'

const FAULT_SHARE = 0.05
/** So long the database's client waits after each lost connection, in real time: hundreds of times here. */
const SDK_PAUSE_MS = 1000

beforeAll(() => {
  const wait = setTimeout
  vi.stubGlobal('setTimeout', (act: (...given: unknown[]) => void, ms?: number, ...given: unknown[]) =>
    wait(act, ms === SDK_PAUSE_MS ? 1 : ms, ...given),
  )
})
afterAll(() => {
  vi.unstubAllGlobals()
})

test(
  'the worked example ends with the same table where 5 % of all calls to Azure fail',
  async () => {
    const faults = azureFaults({ seed: 1, share: FAULT_SHARE })
    await expectSameTable(({ twin, files, clock }) =>
      startAzureWorld({ twin, fleet: files.fleet, clock, ...faults }),
    )
    const met = [...faults.met.values()].reduce((sum, count) => sum + count, 0)
    const kinds = [...faults.met].map(([kind, count]) => `${kind} ${count}`)
    console.info(`${met} of ${faults.calls()} calls failed: ${kinds.join(', ')}`)
    expect(met / faults.calls()).toBeGreaterThan(FAULT_SHARE / 2)
    expect(faults.met.size).toBeGreaterThanOrEqual(10)
  },
  AZURE_EXAMPLE_MS_MAX,
)
