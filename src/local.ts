import { access, mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ticketHookOf } from './adapters/callout/hmac-hook.ts'
import { webhookOf } from './adapters/callout/notify-settings.ts'
import { WebhookNotifications } from './adapters/callout/webhook-notifications.ts'
import { FileInterlocks } from './adapters/files/file-interlocks.ts'
import { readPolicy } from './adapters/files/read-policy.ts'
import { readTwinFiles } from './adapters/files/read-twin-files.ts'
import { FileNotifications } from './adapters/local/file-notifications.ts'
import { LocalSpeed } from './adapters/local/local-speed.ts'
import { createLocalUsers, LocalIdentity, type LocalUser } from './adapters/local/local-users.ts'
import { PageFiles } from './adapters/local/page-files.ts'
import { RunWatch } from './adapters/local/run-watch.ts'
import { SqliteAnchors } from './adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from './adapters/sqlite/sqlite-records.ts'
import { createWorkerRehearsal } from './adapters/worker/worker-rehearsal.ts'
import { registerApp, registerOrchestrations } from './app.ts'
import { type CarriedRun, carriedRuns } from './domain/carry-on.ts'
import type { ClockSpeed } from './domain/clock-speed.ts'
import { OPEN_POLICY, type PolicyFile } from './domain/policy.ts'
import { createHost, type Host } from './host/host.ts'
import { inspectHub } from './host/inspect-hub.ts'
import { everyValue } from './ports/records.ts'
import { createTwin, type Twin, type TwinFiles } from './twin/twin.ts'

const SEED = 1
const OWN_FOLDER = new URL('.', import.meta.url)
const APP_FOLDER = fileURLToPath(new URL('..', import.meta.url))
const PRIVATE = 0o600

/** As often as elsewhere, looking for strayed routes and lost events would be most of the work of weeks that are skipped. */
const SKIPPING = { RECONCILE_SCHEDULE: '0 */10 * * * *', SWEEP_SCHEDULE: '30 */30 * * * *' }

export interface LocalOptions {
  /** Paths of the files that the twin is built from. */
  readonly fleet: string
  readonly cpu: string
  readonly load: string
  /** Without one the twin's region has the defaults and is open at all hours: nobody lives in it. */
  readonly policy?: string
  /** A file with what speaks against moving; without one only what the twin was told. */
  readonly interlocks?: string
  /** Needed where the fleet has several regions. */
  readonly region?: string
  /** Where the hub, the records and the twin's effects are kept. */
  readonly stateDir: string
  readonly port: number
  /** Whether runs that this version can't carry on are begun anew from what is on record; without it nothing is started. */
  readonly beginAnew?: boolean
  /** How fast time runs while a run is under way; it is real time while nothing runs or a person is asked. */
  readonly speed: ClockSpeed
  /** Settings of the process, such as where people are told. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** Called once, with a plain sentence, when the host can't go on: its disk is full, say. */
  readonly onBroken?: (error: Error) => void
  readonly log: (entry: {
    readonly level: string
    readonly category: string
    readonly message: string
  }) => void
}

export interface Local {
  readonly baseUrl: string
  readonly users: readonly LocalUser[]
  nowMs(): number
  stop(): Promise<void>
}

/** The version whose orchestrations this is, and what becomes of the runs that a state folder holds. */
export interface Standing {
  readonly version: string | null
  readonly runs: readonly CarriedRun[]
}

/** Runs under way can't be carried on by this version; the message says which, why and what to do. */
export class RunsNotCarriedOn extends Error {
  override readonly name = 'RunsNotCarriedOn'
}

/** Looks whether this version can carry on the runs of a state folder. Nothing runs or changes; throws `HubRefused` where a host runs over it. */
export async function standingOf(stateDir: string): Promise<Standing> {
  const hub = join(stateDir, 'hub.db')
  if (!(await exists(hub))) return { version: null, runs: [] }
  const { version, underWay } = await inspectHub({
    ...{ appDir: APP_FOLDER, hub, load: registerOrchestrations },
    settings: { TASKHUB_NAME: 'inspection' },
  })
  const records = new SqliteRecords(join(stateDir, 'records.db'))
  try {
    return {
      version,
      runs: carriedRuns(underWay, await everyValue(records, 'runs')),
    }
  } finally {
    records.close()
  }
}

async function refuseStuckRuns(stateDir: string): Promise<void> {
  const stuck = (await standingOf(stateDir)).runs.filter(({ carriedOn }) => !carriedOn)
  if (stuck.length === 0) return
  const words = stuck.map(({ words, next }) => [words, ...next].join('\n    '))
  throw new RunsNotCarriedOn(`nothing was started:\n  ${words.join('\n  ')}`)
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

/**
 * Runs the app on the embedded host over a twin of somebody's files. Throws `FileRefused`, `HubRefused`,
 * `SettingRefused` or `RunsNotCarriedOn` with plain sentences.
 */
export async function startLocal(options: LocalOptions): Promise<Local> {
  if (!options.beginAnew) await refuseStuckRuns(options.stateDir)
  const files = await readTwinFiles(options)
  const policies = options.policy ? await readPolicy(options.policy) : { '*': OPEN_POLICY }
  await mkdir(options.stateDir, { recursive: true })
  const users = createLocalUsers()
  const parts = await open(options, files, { policies, users })
  const session = join(options.stateDir, 'session.json')
  const { baseUrl } = parts.host
  await writeFile(session, JSON.stringify({ baseUrl, users, pid: process.pid }), { mode: PRIVATE })
  return {
    baseUrl,
    users,
    nowMs: () => parts.host.clock.nowMs(),
    stop: async () => {
      await rm(session, { force: true })
      await parts.host.stop()
      parts.twin.close()
      parts.records.close()
      parts.anchors.close()
    },
  }
}

/** Where messages lead to; not known before the start where any port will do. */
function pageAt(port: number): Readonly<Record<string, string>> {
  return port === 0 ? {} : { RESTAMP_PAGE_URL: `http://127.0.0.1:${port}/dashboard/` }
}

interface Opened {
  readonly host: Host
  readonly twin: Twin
  readonly records: SqliteRecords
  readonly anchors: SqliteAnchors
}

async function open(
  options: LocalOptions,
  files: TwinFiles,
  { policies, users }: { readonly policies: PolicyFile; readonly users: readonly LocalUser[] },
): Promise<Opened> {
  const { stateDir, port, speed, log } = options
  const webhook = webhookOf({ ...pageAt(port), ...options.env })
  const ticketHook = ticketHookOf(options.env ?? {}, { nowMs: () => Date.now() })
  const twinAt = { files, database: join(stateDir, 'twin.db'), seed: SEED }
  const stores: { records?: SqliteRecords; anchors?: SqliteAnchors; twin?: Twin; watch?: RunWatch } = {}
  const host = await createHost({
    appDir: APP_FOLDER,
    hub: join(stateDir, 'hub.db'),
    clock: speed === 'skip' ? 'skip' : 'real',
    ...(speed === 'skip' ? { settings: SKIPPING } : {}),
    startAtMs: endOf(files),
    port,
    log,
    ...(options.onBroken ? { onBroken: options.onBroken } : {}),
    mayAdvance: () => stores.watch?.mayHurry() ?? false,
    load: async ({ clock }) => {
      // Opened here, after the hub's lock was taken: two processes never share these files either.
      const records = new SqliteRecords(join(stateDir, 'records.db'))
      const anchors = new SqliteAnchors(join(stateDir, 'anchors.db'))
      const localSpeed = new LocalSpeed(speed, (mode) => clock.setMode(mode))
      const watch = new RunWatch(records, (mayHurry) => localSpeed.hurry(mayHurry))
      const twin = createTwin({ ...twinAt, clock })
      Object.assign(stores, { records, anchors, watch, twin })
      await watch.open()
      const { catalog, metrics, traffic, capacity, provisioning } = twin
      const interlocks = options.interlocks ? new FileInterlocks(options.interlocks) : twin.interlocks
      registerApp({
        ports: { catalog, metrics, traffic, capacity, interlocks, records: watch.records, clock },
        identity: new LocalIdentity(users),
        ...{ policies, provisioning, ticketHook },
        rehearse: createWorkerRehearsal(
          new URL(import.meta.url.endsWith('.ts') ? 'rehearsal.ts' : 'rehearsal.js', OWN_FOLDER),
        ),
        pages: new PageFiles(join(APP_FOLDER, 'dist', 'dashboard')),
        speed: localSpeed,
        anchors,
        notifications: webhook
          ? new WebhookNotifications({ ...webhook, nowMs: Date.now })
          : new FileNotifications(join(stateDir, 'notifications.jsonl')),
        log: (level, words, fields) =>
          log({ level, category: 'Restamp', message: `${words} ${JSON.stringify(fields)}` }),
      })
    },
  })
  const { records, anchors, twin } = stores
  if (!records || !anchors || !twin) throw new Error('the host came up without loading the app')
  return { host, records, anchors, twin }
}

/** The end of the data, where the twin's own time begins. */
function endOf({ load }: TwinFiles): number {
  return load.startMs + load.bins * load.binMs
}
