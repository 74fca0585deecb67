import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { CommitPoint, FaultPoints } from './fault-points.ts'
import { isFinal } from './history.ts'
import { type Host, type HostOptions, openHost } from './host.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceState } from './instances.ts'
import type { Runtime } from './runtime.ts'

export { faultKinds, SeededFaults } from './seeded-faults.ts'

export interface TestHost {
  /** The host that runs now; a new one after each crash. */
  readonly host: Host
  readonly crashes: number
  start(name: string, id: string, input?: unknown): Promise<void>
  raise(id: string, name: string, data: unknown): Promise<void>
  advance(ms: number): Promise<void>
  look(id: string): InstanceState | undefined
  /** Waits until the instances have ended, restarting a host that does not get on. */
  ended(ids: readonly string[]): Promise<InstanceRow[]>
  /** Kills the host as a crash would and starts it anew on the same hub. */
  crash(): Promise<void>
  replayCheck(id: string): Promise<string[]>
  stop(): Promise<void>
}

export type TestHostOptions = Omit<HostOptions, 'hub' | 'port' | 'clock'> &
  Partial<Pick<HostOptions, 'clock'>> & { readonly crashAt?: CommitPoint }

/** So long a host may make no progress before a lost message is thought to be the reason. */
const stuckMs = 40
const restartsMax = 200

/** Starts an app on a hub of its own that survives crashes, with faults by name (`crashAt`) or as `faults` say. */
export async function startTestHost(options: TestHostOptions): Promise<TestHost> {
  const dir = mkdtempSync(join(tmpdir(), 'test-host-'))
  const held = new CrashingHost({ ...options, hub: join(dir, 'hub.db') }, () =>
    rmSync(dir, { recursive: true, force: true }),
  )
  await held.open()
  return held
}

class CrashingHost implements TestHost {
  readonly #options: HostOptions
  readonly #cleanUp: () => void
  #open: { host: Host; runtime: Runtime } | undefined
  #reopening: Promise<void> | undefined
  #stopping = false
  crashes = 0

  constructor(options: TestHostOptions & { readonly hub: string }, cleanUp: () => void) {
    const faults = options.crashAt ? crashOnceAt(options.crashAt) : options.faults
    const onBroken = () => {
      // A host that breaks while it opens has no users yet; `open` hears of it by itself.
      if (this.#open && !this.#stopping) this.#reopening ??= this.#reopen()
    }
    this.#options = { clock: 'skip', ...options, port: 0, onBroken, ...(faults ? { faults } : {}) }
    this.#cleanUp = cleanUp
  }

  get host(): Host {
    return this.#current.host
  }

  /** An injected crash may hit while the host opens, too. */
  async open(): Promise<void> {
    while (!this.#open) {
      try {
        this.#open = await openHost(this.#options)
      } catch (error) {
        if (!this.#options.faults || this.crashes >= restartsMax) throw error
        this.crashes += 1
      }
    }
  }

  async start(name: string, id: string, input: unknown = null): Promise<void> {
    await this.#insist(async ({ control }) => {
      if (!control.row(id)) await control.start({ name, id, input: JSON.stringify(input) })
    })
  }

  async raise(id: string, name: string, data: unknown): Promise<void> {
    await this.#insist(async ({ control }) => void (await control.raiseEvent(id, name, JSON.stringify(data))))
  }

  advance(ms: number): Promise<void> {
    return this.host.clock.advance(ms)
  }

  look(id: string): InstanceState | undefined {
    return this.#current.runtime.control.look(id)
  }

  async ended(ids: readonly string[]): Promise<InstanceRow[]> {
    for (let restarts = 0; restarts < restartsMax; restarts++) {
      let seen = ''
      for (;;) {
        await this.#reopening
        const { control } = this.#current.runtime
        const rows = ids.map((id) => control.row(id)).filter((row) => row !== undefined)
        if (rows.length === ids.length && rows.every(({ status }) => isFinal(status))) return rows
        const now = JSON.stringify(rows)
        if (now === seen) break
        seen = now
        await new Promise((resolve) => setTimeout(resolve, stuckMs))
      }
      await this.crash()
    }
    throw new Error(`Instances ${ids.join(', ')} had not ended after ${restartsMax} restarts.`)
  }

  async crash(): Promise<void> {
    this.#reopening ??= this.#reopen()
    await this.#reopening
  }

  replayCheck(id: string): Promise<string[]> {
    return this.#current.runtime.replayCheck(id)
  }

  async stop(): Promise<void> {
    await this.#reopening
    this.#stopping = true
    await this.host.stop()
    this.#cleanUp()
  }

  get #current() {
    if (!this.#open) throw new Error('The test host is not open.')
    return this.#open
  }

  async #reopen(): Promise<void> {
    const { host, runtime } = this.#current
    this.#open = undefined
    runtime.abandon()
    await host.stop()
    this.crashes += 1
    await this.open()
    this.#reopening = undefined
  }

  /** A client repeats what a crash kept from being answered. */
  async #insist(act: (runtime: Runtime) => Promise<void>): Promise<void> {
    for (let attempt = 0; attempt < restartsMax; attempt++) {
      await this.#reopening
      try {
        return await act(this.#current.runtime)
      } catch {
        await this.#reopening
      }
    }
    throw new Error(`The host crashed ${restartsMax} times in a row.`)
  }
}

function crashOnceAt(point: CommitPoint): FaultPoints {
  let done = false
  return {
    commit: (phase, points) => {
      if (done || phase !== 'before' || !points.includes(point)) return
      done = true
      throw new Error(`Crash at the commit point "${point}".`)
    },
  }
}
