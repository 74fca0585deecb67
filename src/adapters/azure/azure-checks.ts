import type { Checks } from '../../ports/checks.ts'
import type { Ports } from '../../ports/ports.ts'
import type { AzureAdaptersParts } from './azure-adapters.ts'
import { runChecks } from './check-found.ts'
import { createGraph } from './graph-rows.ts'
import { hearingDates, identityCheck } from './identity-checks.ts'
import { mapChecks } from './map-checks.ts'
import { rightChecks } from './right-checks.ts'
import { storeChecks } from './store-checks.ts'
import { telemetryChecks } from './telemetry-checks.ts'

export interface AzureChecksParts
  extends Omit<AzureAdaptersParts, 'through' | 'names' | 'provisioning' | 'note'> {
  /** The ports as the app has them, which an operator's control plane may stand behind. */
  readonly ports: Pick<Ports, 'metrics' | 'interlocks' | 'catalog'>
}

/** All that Restamp depends on on Azure, looked at under the identity that it is given. Reads only. */
export function createAzureChecks(parts: AzureChecksParts): Checks {
  return {
    async run() {
      const { httpClient, clockCheck } = hearingDates(parts.httpClient, parts.clock)
      const options = { credential: parts.credential, httpClient }
      const { map, clock } = parts
      const { metrics, interlocks, catalog } = parts.ports
      const found = await runChecks([
        identityCheck(parts),
        ...storeChecks(parts),
        ...rightChecks(map, options),
        ...telemetryChecks({ ...options, map, clock, cpu: metrics.cpu }),
        ...mapChecks({ map, clock, ask: createGraph(options), interlocks, fleet: () => catalog.fleet() }),
      ])
      // Last, since it goes by the answers to all others.
      return [...found, ...(await runChecks([clockCheck]))]
    },
  }
}
