import { type AppSettings, readAppSettings } from './app-settings.ts'
import { type ClockMode, type HostClock, type TimeSource, VirtualClock } from './clock.ts'
import type { FaultPoints } from './fault-points.ts'
import { FunctionApp } from './function-app.ts'
import { collectRegistrations } from './functions-core.ts'
import type { HttpServer, HttpServerOptions } from './http-server.ts'
import { type HubFile, openHubFile } from './hub-file.ts'
import type { HubRefused } from './hub-refused.ts'
import { HubStore } from './hub-store.ts'
import type { Log } from './invocation.ts'
import type { Leniences } from './leniences.ts'
import type { Retention } from './retention.ts'
import { Runtime } from './runtime.ts'

export type { ClockMode, HostClock } from './clock.ts'
export { HubRefused } from './hub-refused.ts'

export interface HostOptions {
  /** Folder with host.json and local.settings.json. */
  readonly appDir: string
  /** Path of the SQLite file, or 'memory'. */
  readonly hub: string
  readonly clock: ClockMode
  /** Virtual time at which a new hub begins. */
  readonly startAtMs?: number
  /** Registers the app's functions. */
  readonly load: (host: { readonly clock: HostClock }) => unknown
  /** 0 is any free port. */
  readonly port?: number
  readonly settings?: Readonly<Record<string, string>>
  /** Asked before a skipping clock jumps; while it says no, time runs at 1x. */
  readonly mayAdvance?: () => boolean
  readonly functions?: readonly string[]
  readonly log?: Log
  /** Purges instances that ended long enough ago; without it they stay until somebody purges them. */
  readonly retention?: Retention
  readonly bodyMaxBytes?: number
  /** None unless said otherwise. */
  readonly leniences?: Leniences
  /** For tests: a POST of `{"ms":n}` to this path moves the clock. */
  readonly advancePath?: string
  /** For tests: disturbances. */
  readonly faults?: FaultPoints
  /** For tests: what stands in for a server on 127.0.0.1. */
  readonly listen?: (options: HttpServerOptions) => Promise<HttpServer>
  /** The hub can no longer be written; the host answers nothing any more. */
  readonly onBroken?: (error: HubRefused) => void
}

export interface Host {
  readonly baseUrl: string
  readonly clock: HostClock
  readonly systemKey: string
  readonly functionKey: string
  readonly masterKey: string
  stop(): Promise<void>
  whenIdle(): Promise<void>
}

const portDefault = 7071

/** Starts a host that runs the functions which `load` registers. */
export async function createHost(options: HostOptions): Promise<Host> {
  return (await openHost(options)).host
}

/** The host together with its inside, which tests look into; tests may also bring a hub that is open already. */
export async function openHost(
  options: HostOptions,
  kept: Kept = {},
): Promise<{ host: Host; runtime: Runtime }> {
  const { runtime, hub, port } = await assembleHost(options, kept)
  try {
    await runtime.start(port)
    return { host: facade(runtime, hub.close), runtime }
  } catch (error) {
    hub.close()
    throw error
  }
}

/** What a test brings that is open or read already, so that a host which it starts again and again finds it. */
export interface Kept {
  readonly hub?: HubFile | undefined
  readonly app?: AppSettings
}

interface Assembled {
  readonly runtime: Runtime
  readonly hub: HubFile
  readonly port: number
}

/** A host with its app over its hub, before any of it runs. */
export async function assembleHost(options: HostOptions, kept: Kept = {}): Promise<Assembled> {
  const {
    settings,
    host: config,
    port: localPort,
  } = kept.app ?? readAppSettings(options.appDir, options.settings)
  const log = options.log ?? (() => {})
  const hub = kept.hub ?? openHubFile(options.hub)
  try {
    const store = new HubStore(hub.database)
    const clock = new VirtualClock(options.clock, hubTimeMs(store, options), wallClock(options.faults))
    // The app is loaded before the timeline exists, so what it gets is a stand-in for it.
    const timeline: { now: HostClock | undefined } = { now: undefined }
    const registrations = await collectRegistrations(
      () => options.load({ clock: clockOf(clock, () => timeline.now) }),
      (level, category, message) => log({ level, category, message }),
    )
    const app = new FunctionApp(registrations, { only: options.functions ?? config.functions, settings })
    const { hub: hubPath, appDir } = options
    const runtime = new Runtime({
      ...{ app, store, clock, config, settings, log, hubPath, appDir },
      extras: options,
    })
    timeline.now = runtime.timeline
    return { runtime, hub, port: options.port ?? localPort ?? portDefault }
  } catch (error) {
    hub.close()
    throw error
  }
}

function facade(runtime: Runtime, closeHub: () => void): Host {
  let stopping: Promise<void> | undefined
  const { master, function: functionKey, system } = runtime.keys
  return {
    baseUrl: runtime.baseUrl,
    clock: runtime.timeline,
    systemKey: system,
    functionKey,
    masterKey: master,
    whenIdle: () => runtime.inFlight.whenIdle(),
    stop: () => {
      stopping ??= Promise.resolve()
        .then(() => runtime.stop())
        .finally(closeHub)
      return stopping
    },
  }
}

function clockOf(clock: VirtualClock, timeline: () => HostClock | undefined): HostClock {
  return {
    nowMs: () => clock.nowMs(),
    get mode() {
      return clock.mode
    },
    setMode: (mode) => (timeline() ?? clock).setMode(mode),
    advance: async (ms) => {
      const started = timeline()
      if (!started) throw new Error('The clock cannot be advanced while the app is being loaded.')
      await started.advance(ms)
    },
  }
}

/** The machine's clock, with the jumps that a test makes it do while time runs. */
function wallClock(faults: FaultPoints | undefined): TimeSource {
  let aheadMs = 0
  return {
    wallMs: (rate) => {
      if (rate > 0) aheadMs += faults?.wallJumpMs?.() ?? 0
      return Date.now() + aheadMs
    },
  }
}

/** Where an existing hub's time goes on: down-time counts in real mode only. */
function hubTimeMs(store: HubStore, { clock, startAtMs }: HostOptions): number {
  const kept = store.meta('clock')
  if (kept === undefined) return startAtMs ?? Date.now()
  const { nowMs, wallMs }: { nowMs: number; wallMs: number } = JSON.parse(kept)
  return clock === 'real' ? nowMs + Math.max(0, Date.now() - wallMs) : nowMs
}
