import { fileURLToPath } from 'node:url'
import { createLocalUsers, LocalIdentity, type LocalUser } from '../../src/adapters/local/local-users.ts'
import { RunWatch } from '../../src/adapters/local/run-watch.ts'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { type AppParts, registerApp } from '../../src/app.ts'
import { OPEN_POLICY, type PolicyFile } from '../../src/domain/policy.ts'
import { type Host, openHost } from '../../src/host/host.ts'
import type { InstanceState } from '../../src/host/instances.ts'
import { StatusView } from '../../src/messages/api.ts'
import type { Pages } from '../../src/ports/pages.ts'
import type { Ports } from '../../src/ports/ports.ts'
import type { Provisioning } from '../../src/ports/provisioning.ts'
import type { Rehearse } from '../../src/ports/rehearsal.ts'
import type { SignedHook } from '../../src/ports/signed-hook.ts'
import type { Speed } from '../../src/ports/speed.ts'
import { createTwin, type Twin, type TwinFiles } from '../../src/twin/twin.ts'
import { KeptNotifications } from './kept-notifications.ts'
import { smallRegion } from './small-region.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers: Headers
}

/** The whole app over a small region, in memory, on a skipping clock that stands still while a person is asked. */
export interface TestApp {
  readonly host: Host
  readonly twin: Twin
  readonly ports: Ports
  readonly notifications: KeptNotifications
  readonly users: readonly LocalUser[]
  ask(
    user: string,
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ): Promise<Answer>
  /** Waits (in real time, bounded) until a plan's status is as wanted. */
  until(planId: string, wanted: (status: StatusView) => boolean): Promise<StatusView>
  /** Every orchestration with its history. */
  histories(): InstanceState[]
  stop(): Promise<void>
}

const passed: Rehearse = async ({ plan }) => ({
  status: 'passed',
  words: 'taken as passed by a test that is about something else',
  virtualMs: 0,
  movesDone: plan.moves.length,
  movesPlanned: plan.moves.length,
  pools: [],
})

const UNTIL_MS_MAX = 55_000

export async function startTestApp(
  options: {
    /** Who may ask; those of the embedded host where none are given. */
    readonly people?: readonly LocalUser[]
    readonly rehearse?: Rehearse
    readonly policies?: PolicyFile
    readonly ports?: (ports: Ports) => Ports
    readonly provisioning?: (provisioning: Provisioning) => Provisioning
    readonly ticketHook?: SignedHook
    readonly pages?: Pages
    readonly isolatedNodes?: number
    readonly sharedNodes?: number
    /** What one person may ask at most; next to everything where it is not said, since a test asks much. */
    readonly requestsPerMinute?: number
    /** The region; the small one where none is given. */
    readonly files?: TwinFiles
    /** When routes are compared with bindings. */
    readonly reconcile?: string
    readonly settings?: Readonly<Record<string, string>>
    /** Without one time is the world's, as far as the app can tell. */
    readonly speed?: Speed
    /** Where what is measured, logged and traced goes. */
    readonly watched?: Pick<AppParts, 'gauges' | 'log' | 'spans'>
    /** Time passes only as the test lets it, also while a run is under way. */
    readonly byHand?: boolean
  } = {},
): Promise<TestApp> {
  const users = options.people ?? createLocalUsers()
  const records = new SqliteRecords(':memory:')
  const anchors = new SqliteAnchors(':memory:')
  const notifications = new KeptNotifications()
  const watch = new RunWatch(records, () => {})
  const opened: { twin?: Twin; ports?: Ports } = {}
  const files = options.files ?? smallRegion(options.isolatedNodes, options.sharedNodes)
  const { startMs, bins, binMs } = files.load
  const { host, runtime } = await openHost({
    appDir: ROOT,
    hub: 'memory',
    clock: 'skip',
    startAtMs: startMs + bins * binMs,
    port: 0,
    // A tick a minute makes weeks long; whoever tests that asks for it.
    settings: { RECONCILE_SCHEDULE: options.reconcile ?? '0 */30 * * * *', ...options.settings },
    mayAdvance: () => !options.byHand && watch.mayHurry(),
    load: ({ clock }) => {
      const twin = createTwin({
        files,
        database: ':memory:',
        clock,
        seed: 1,
      })
      const { catalog, metrics, traffic, capacity, interlocks } = twin
      const own: Ports = { catalog, metrics, traffic, capacity, interlocks, records: watch.records, clock }
      const ports = options.ports?.(own) ?? own
      Object.assign(opened, { twin, ports })
      registerApp({
        ports,
        identity: new LocalIdentity(users),
        provisioning: options.provisioning?.(twin.provisioning) ?? twin.provisioning,
        policies: options.policies ?? { '*': OPEN_POLICY },
        rehearse: options.rehearse ?? passed,
        requestsPerMinute: options.requestsPerMinute ?? 1e9,
        pages: options.pages ?? { read: async () => undefined },
        ...{ anchors, notifications, ticketHook: options.ticketHook, ...options.watched },
        ...(options.speed ? { speed: options.speed } : {}),
      })
    },
  })
  const { twin, ports } = opened
  if (!twin || !ports) throw new Error('the host came up without the app')
  const ask: TestApp['ask'] = async (user, method, path, body, headers) => {
    const token = users.find(({ name }) => name === user)?.token ?? user
    const response = await fetch(`${host.baseUrl}/api/v1/${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...headers },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    })
    const text = await response.text()
    return {
      status: response.status,
      body: text === '' ? undefined : JSON.parse(text),
      headers: response.headers,
    }
  }
  return {
    host,
    twin,
    ports,
    notifications,
    users,
    ask,
    until: async (planId, wanted) => {
      const deadline = Date.now() + UNTIL_MS_MAX
      for (;;) {
        const status = StatusView.parse((await ask('reader', 'GET', `plans/${planId}/status`)).body)
        if (wanted(status)) return status
        if (Date.now() > deadline) throw new Error(`waited in vain; last seen ${JSON.stringify(status.run)}`)
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
    },
    histories: () => [...runtime.control.list('')].flatMap(({ id }) => runtime.control.look(id) ?? []),
    stop: async () => {
      await host.stop()
      twin.close()
      records.close()
      anchors.close()
    },
  }
}
