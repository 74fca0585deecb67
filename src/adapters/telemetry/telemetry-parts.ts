import type { Gauges } from '../../ports/gauges.ts'
import type { Log } from '../../ports/log.ts'
import type { Spans } from '../../ports/spans.ts'
import { LateTelemetry, type LogEntry } from './late-telemetry.ts'
import { OTEL_SPANS } from './otel-spans.ts'

/** Where telemetry goes, and the identity that it is sent as; undefined is who is signed in. */
interface Destination {
  readonly connectionString: string
  readonly clientId: string | undefined
}

interface TelemetryParts {
  readonly log: Log
  readonly gauges?: Gauges
  readonly spans?: Spans
}

/** What an app is watched by: Azure Monitor, whose SDK is loaded once the start is over, or the platform's own log alone. */
export function telemetryParts(destination: Destination | undefined): TelemetryParts {
  const nowMs = () => Date.now()
  if (!destination)
    return { log: (severity, words, fields) => print({ severity, words, fields, atMs: nowMs() }) }
  const telemetry = new LateTelemetry({
    load: async () => (await import('./azure-monitor.ts')).openAzureMonitor(destination),
    print,
    nowMs,
  })
  telemetry.startSoon()
  return { log: telemetry.log, gauges: telemetry, spans: OTEL_SPANS }
}

/** One line an entry, fixed words first: the platform's log keeps what is printed. */
function print({ severity, words, fields }: LogEntry): void {
  const line = JSON.stringify({ words, ...fields })
  if (severity === 'error') console.error(line)
  else if (severity === 'warning') console.warn(line)
  else console.log(line)
}
