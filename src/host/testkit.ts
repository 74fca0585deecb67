import { readAppSettings } from './app-settings.ts'
import { isFinal } from './history.ts'
import { type Host, type HostOptions, type Kept, openHost } from './host.ts'
import type { HostRequest, HostResponse } from './http-exchange.ts'
import { type HubFile, memoryHub } from './hub-file.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceControl } from './instance-control.ts'
import type { InstanceState } from './instances.ts'
import type { Runtime } from './runtime.ts'

export { type NamedFault, NamedFaults } from './named-faults.ts'
export { type FaultCounts, SeededFaults } from './seeded-faults.ts'

export interface TestHost {
  /** The host that runs now; a new one after each crash. */
  readonly host: Host
  readonly crashes: number
  start(name: string, id: string, input?: unknown): Promise<void>
  raise(id: string, name: string, data: unknown): Promise<void>
  /** Anything else that a client may do; repeated when a crash keeps it from being answered. */
  act(what: (control: InstanceControl) => Promise<unknown>): Promise<unknown>
  advance(ms: number): Promise<void>
  /** Moves a clock that does not run by itself to an instant at once, crashes or not, and waits for what is due then. */
  leapTo(ms: number): Promise<void>
  /** A request as over HTTP, without the way over a socket; undefined where a crash kept it from being answered. */
  ask(request: HostRequest): Promise<HostResponse | undefined>
  /** Instances that have not ended. */
  unfinished(): Promise<InstanceRow[]>
  look(id: string): Promise<InstanceState | undefined>
  /** Waits until something holds of each instance. Throws when nothing is under way any more and it does not. */
  until(ids: readonly string[], holds: (row: InstanceRow) => boolean): Promise<InstanceRow[]>
  ended(ids: readonly string[]): Promise<InstanceRow[]>
  /** Kills the host as a crash would and starts it anew on the same hub. */
  crash(): Promise<void>
  replayCheck(id: string): Promise<string[]>
  /** The same for an instance of another host, an earlier version's for one. */
  replay(recorded: InstanceState): Promise<string[]>
  stop(): Promise<void>
}

export type TestHostOptions = Omit<HostOptions, 'hub' | 'port' | 'clock'> &
  Partial<Pick<HostOptions, 'clock' | 'hub'>>

const crashesMax = 5000
const attemptsMax = 100
/** So often in a row nothing may be under way before the test is told that nothing will come any more. */
const quietTurnsMax = 500
/** After so many quiet turns the next look is a moment later: what the instances wait for may be real time. */
const busyTurnsMax = 50
const quietMs = 5

/** Starts an app on a hub of its own that survives crashes, with `NamedFaults` or `SeededFaults` if wanted. */
export async function startTestHost(options: TestHostOptions): Promise<TestHost> {
  // A crash in this process loses nothing that was written, so a hub that stays open in memory serves as well as a file.
  const kept = options.hub === undefined ? memoryHub() : undefined
  const held = new CrashingHost({ hub: 'memory', ...options }, kept)
  await held.open()
  return held
}

class CrashingHost implements TestHost {
  readonly #options: HostOptions
  readonly #hub: HubFile | undefined
  readonly #kept: Kept
  #open: { host: Host; runtime: Runtime } | undefined
  #reopening: Promise<void> | undefined
  #nextCrash = Promise.withResolvers<void>()
  #stopping = false
  crashes = 0

  constructor(options: TestHostOptions & { readonly hub: string }, hub: HubFile | undefined) {
    const onBroken = () => {
      // A host that breaks while it opens has no users yet; `open` hears of it by itself.
      if (this.#open && !this.#stopping) this.#reopening ??= this.#reopen()
    }
    this.#options = { clock: 'skip', ...options, port: 0, onBroken }
    this.#hub = hub
    const app = readAppSettings(options.appDir, options.settings)
    this.#kept = { hub: hub && { ...hub, close: () => {} }, app }
  }

  get host(): Host {
    return this.#current.host
  }

  /** An injected crash may hit while the host opens, too. */
  async open(): Promise<void> {
    while (!this.#open) {
      try {
        const opened = await openHost(this.#options, this.#kept)
        this.#open = opened
        // A lost message comes again after a restart only, so the host is restarted when all else is done.
        void opened.runtime.inFlight.whenStalled().then(() => {
          if (this.#open === opened && !this.#stopping) this.#reopening ??= this.#reopen()
        })
      } catch (error) {
        if (!this.#options.faults || this.crashes >= crashesMax) throw error
        this.crashes += 1
      }
    }
  }

  async start(name: string, id: string, input: unknown = null): Promise<void> {
    await this.act(async (control) => {
      if (!control.row(id)) await control.start({ name, id, input: JSON.stringify(input) })
    })
  }

  async raise(id: string, name: string, data: unknown): Promise<void> {
    await this.act((control) => control.raiseEvent(id, name, JSON.stringify(data)))
  }

  act(what: (control: InstanceControl) => Promise<unknown>): Promise<unknown> {
    return this.#insist(({ control }) => what(control))
  }

  advance(ms: number): Promise<void> {
    return this.host.clock.advance(ms)
  }

  async leapTo(ms: number): Promise<void> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await this.#reopening
      const { timeline, inFlight } = this.#current.runtime
      if (attempt > 0 && timeline.nowMs() >= ms && inFlight.idle) return
      const leap = timeline.leap(Math.max(0, ms - timeline.nowMs())).catch(() => {})
      await Promise.race([leap, this.#nextCrash.promise])
    }
    throw new Error(`The host did not come to rest in ${attemptsMax} attempts.`)
  }

  async ask(request: HostRequest): Promise<HostResponse | undefined> {
    await this.#reopening
    const answer = this.#current.runtime.answer(request).catch(() => undefined)
    return Promise.race([answer, this.#nextCrash.promise.then(() => undefined)])
  }

  async unfinished(): Promise<InstanceRow[]> {
    await this.#reopening
    return [...this.#current.runtime.control.list('')].filter(({ status }) => !isFinal(status))
  }

  look(id: string): Promise<InstanceState | undefined> {
    return this.#insist(async ({ control }) => control.look(id))
  }

  ended(ids: readonly string[]): Promise<InstanceRow[]> {
    return this.until(ids, ({ status }) => isFinal(status))
  }

  async until(ids: readonly string[], holds: (row: InstanceRow) => boolean): Promise<InstanceRow[]> {
    let rows: InstanceRow[] = []
    for (let quiet = 0; quiet < quietTurnsMax && this.crashes < crashesMax; ) {
      await this.#reopening
      const { runtime } = this.#current
      const crash = this.#nextCrash.promise
      rows = ids.map((id) => runtime.control.row(id)).filter((row) => row !== undefined)
      if (rows.length === ids.length && rows.every(holds)) return rows
      quiet = runtime.inFlight.idle ? quiet + 1 : 0
      // Whether time may skip can have changed without the host's knowledge.
      runtime.timeline.poke()
      await Promise.race([runtime.inFlight.whenIdle(), crash])
      if (quiet > busyTurnsMax) await new Promise((resolve) => setTimeout(resolve, quietMs))
      else await new Promise((resolve) => setImmediate(resolve))
    }
    const seen = rows.map(({ id, status }) => `${id} is ${status}`).join(', ') || 'no instance is known'
    throw new Error(`Waited for ${ids.join(', ')} until nothing was under way any more; ${seen}.`)
  }

  async crash(): Promise<void> {
    this.#reopening ??= this.#reopen()
    await this.#reopening
  }

  replayCheck(id: string): Promise<string[]> {
    return this.#insist((runtime) => runtime.replayCheck(id))
  }

  replay(recorded: InstanceState): Promise<string[]> {
    return this.#insist((runtime) => runtime.replay(recorded))
  }

  async stop(): Promise<void> {
    await this.#reopening
    this.#stopping = true
    await this.host.stop()
    this.#hub?.close()
  }

  get #current() {
    if (!this.#open) throw new Error('The test host is not open.')
    return this.#open
  }

  async #reopen(): Promise<void> {
    const { host, runtime } = this.#current
    this.#open = undefined
    runtime.abandon()
    this.crashes += 1
    this.#nextCrash.resolve()
    this.#nextCrash = Promise.withResolvers()
    await host.stop()
    await this.open()
    this.#reopening = undefined
  }

  /** A client repeats what a crash kept from being answered. */
  async #insist<T>(act: (runtime: Runtime) => Promise<T>): Promise<T> {
    for (let attempt = 0; attempt < attemptsMax; attempt++) {
      await this.#reopening
      try {
        return await act(this.#current.runtime)
      } catch {
        await this.#reopening
      }
    }
    throw new Error(`The host crashed ${attemptsMax} times in a row.`)
  }
}
