import { trafficContract } from '../../ports/traffic.contract.ts'
import { aTwin, busy, empty, quiet, shared } from '../../twin/a-twin.ts'
import { azureTrafficOver, TTL_SECONDS } from './azure-region.ts'

trafficContract('AzureTraffic', async () => {
  const { twin, clock } = aTwin()
  const { traffic, add } = azureTrafficOver({
    ...{ region: 'north', stamps: [shared, 'n-2', empty], behind: twin.traffic },
    clock: { nowMs: () => clock.ms },
  })
  add(busy, shared)
  add(quiet, shared)
  const pass = async (durationMs: number) => {
    clock.ms += durationMs
  }
  const readyWithinMs = TTL_SECONDS * 1000 + 60_000
  return { traffic, replica: busy, home: shared, other: empty, pass, warmWithinMs: null, readyWithinMs }
})
