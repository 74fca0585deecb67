import type { TokenCredential } from '@azure/core-auth'
import { DefaultAzureCredential, ManagedIdentityCredential } from '@azure/identity'
import { useAzureMonitor } from '@azure/monitor-opentelemetry'
import { metrics, ProxyTracerProvider, trace } from '@opentelemetry/api'
import { logs, SeverityNumber } from '@opentelemetry/api-logs'
import type { StartedTelemetry } from './late-telemetry.ts'

const SEVERITIES = { info: SeverityNumber.INFO, warning: SeverityNumber.WARN, error: SeverityNumber.ERROR }

type Options = NonNullable<Parameters<typeof useAzureMonitor>[0]>
type HttpClient = NonNullable<NonNullable<Options['azureMonitorExporterOptions']>['httpClient']>

/** Where telemetry goes, and as who. */
export interface AzureMonitor {
  readonly connectionString: string
  readonly credential: TokenCredential
  readonly httpClient?: HttpClient
}

/** Sends telemetry as the identity of this name; on somebody's machine, where none is named, as whoever is signed in there. */
export function openAzureMonitor({
  connectionString,
  clientId,
}: {
  readonly connectionString: string
  readonly clientId: string | undefined
}): StartedTelemetry {
  const credential = clientId ? new ManagedIdentityCredential({ clientId }) : new DefaultAzureCredential()
  return startAzureMonitor({ connectionString, credential })
}

/**
 * Sends traces, metrics and logs of this process to Application Insights. Calls of Azure's SDKs are spans; those of other
 * packages are not there.
 */
export function startAzureMonitor({
  connectionString,
  credential,
  httpClient,
}: AzureMonitor): StartedTelemetry {
  const off = { enabled: false }
  useAzureMonitor({
    azureMonitorExporterOptions: {
      ...{ connectionString, credential, disableOfflineStorage: true },
      ...(httpClient ? { httpClient } : {}),
    },
    // A migration is a few hundred steps an hour: a trace with holes would say nothing when it is needed.
    samplingRatio: 1,
    tracesPerSecond: 0,
    enableLiveMetrics: false,
    enableStandardMetrics: false,
    enablePerformanceCounters: false,
    instrumentationOptions: {
      ...{ azureSdk: { enabled: true }, http: off, mongoDb: off, mySql: off, postgreSql: off, redis: off },
      ...{ bunyan: off, winston: off, console: off },
    },
  })
  const logger = logs.getLogger('restamp')
  return {
    emit: ({ severity, words, fields, atMs }) =>
      logger.emit({
        ...{ timestamp: atMs, body: words, attributes: { ...fields } },
        ...{ severityNumber: SEVERITIES[severity], severityText: severity },
      }),
    flush: async () => {
      const tracers = trace.getTracerProvider()
      const spans = tracers instanceof ProxyTracerProvider ? tracers.getDelegate() : tracers
      for (const provider of [spans, metrics.getMeterProvider(), logs.getLoggerProvider()])
        await flushOf(provider)
    },
  }
}

/** The API has no word for it; providers of the SDK have. */
async function flushOf(provider: object): Promise<void> {
  if ('forceFlush' in provider && typeof provider.forceFlush === 'function') await provider.forceFlush()
}
