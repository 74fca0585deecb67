import { type Gauge, type Meter, metrics } from '@opentelemetry/api'
import { METRICS, type MetricName, type Reading } from '../../domain/readings.ts'
import type { Gauges } from '../../ports/gauges.ts'
import type { Fields, Log, Severity } from '../../ports/log.ts'

/** A cold start answers first; then telemetry is loaded, which takes a good part of a second. */
const AFTER_MS = 2_000
/** So many entries wait for telemetry to be there; when there are more, the oldest go to the platform's log. */
const WAITING_MAX = 500
const SCOPE = 'restamp'

/** One line for the log. */
export interface LogEntry {
  readonly severity: Severity
  readonly words: string
  readonly fields: Fields
  readonly atMs: number
}

/** Telemetry that is there: an SDK is behind OpenTelemetry's API. */
export interface StartedTelemetry {
  readonly emit: (entry: LogEntry) => void
  /** Sends what was measured now: whoever asked may be gone in a second. */
  readonly flush: () => Promise<void>
}

interface Options {
  readonly load: () => Promise<StartedTelemetry>
  /** The platform's own log, where telemetry can't be loaded. */
  readonly print: (entry: LogEntry) => void
  readonly nowMs: () => number
}

/** Telemetry that is loaded late, and once: log entries wait for it, measurements load it at once. */
export class LateTelemetry implements Gauges {
  readonly #options: Options
  #loading: Promise<StartedTelemetry | undefined> | undefined
  #started: StartedTelemetry | undefined
  #failed = false
  readonly #waiting: LogEntry[] = []
  #gauges: { readonly meter: Meter; readonly known: Map<MetricName, Gauge> } | undefined

  constructor(options: Options) {
    this.#options = options
  }

  /** Loads it once the start is over. Nothing waits for that, and it keeps no process alive. */
  startSoon(): void {
    setTimeout(() => void this.#start(), AFTER_MS).unref()
  }

  readonly log: Log = (severity, words, fields) => {
    const entry = { severity, words, fields, atMs: this.#options.nowMs() }
    if (this.#started) this.#started.emit(entry)
    else if (this.#failed) this.#options.print(entry)
    else this.#wait(entry)
  }

  async publish(readings: readonly Reading[]): Promise<void> {
    const started = await this.#start()
    if (!started) return
    for (const { metric, value, at } of readings) this.#gauge(metric).record(value, { ...at })
    await started.flush().catch((error: unknown) => {
      this.log('warning', 'measurements were not sent', { error: firstLine(error) })
    })
  }

  #start(): Promise<StartedTelemetry | undefined> {
    this.#loading ??= this.#load()
    return this.#loading
  }

  async #load(): Promise<StartedTelemetry | undefined> {
    try {
      this.#started = await this.#options.load()
    } catch (error) {
      this.log('error', 'telemetry was not started', { error: firstLine(error) })
      this.#failed = true
    }
    const take = this.#started?.emit ?? this.#options.print
    for (const entry of this.#waiting.splice(0)) take(entry)
    return this.#started
  }

  #wait(entry: LogEntry): void {
    this.#waiting.push(entry)
    const oldest = this.#waiting.length > WAITING_MAX ? this.#waiting.shift() : undefined
    if (oldest) this.#options.print(oldest)
  }

  #gauge(name: MetricName): Gauge {
    this.#gauges ??= { meter: metrics.getMeter(SCOPE), known: new Map() }
    const { meter, known } = this.#gauges
    const { unit, about } = METRICS[name]
    const gauge = known.get(name) ?? meter.createGauge(name, { unit, description: about })
    known.set(name, gauge)
    return gauge
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
