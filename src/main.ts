import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { EasyAuthIdentity } from './adapters/azure/easy-auth.ts'
import { webhookOf } from './adapters/callout/notify-settings.ts'
import { WebhookNotifications } from './adapters/callout/webhook-notifications.ts'
import { readTwinFiles } from './adapters/files/read-twin-files.ts'
import { FileNotifications } from './adapters/local/file-notifications.ts'
import {
  createLocalUsers,
  LocalIdentity,
  LocalSession,
  type LocalUser,
} from './adapters/local/local-users.ts'
import { PageFiles } from './adapters/local/page-files.ts'
import { SqliteAnchors } from './adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from './adapters/sqlite/sqlite-records.ts'
import { createWorkerRehearsal } from './adapters/worker/worker-rehearsal.ts'
import { registerApp } from './app.ts'
import { OPEN_POLICY } from './domain/policy.ts'
import type { Identity } from './ports/identity.ts'
import { createTwin } from './twin/twin.ts'

/**
 * The app on a Functions host. Until the Azure adapters are there it runs over a twin only: `RESTAMP_TWIN` names a
 * folder with fleet.json, node-cpu.csv.gz and replica-load.csv.gz; its state is kept beside them. Time is real time.
 * The twin's file has one owner, so this is for a host with one worker: after a rebuild start the host anew.
 */
const folder = process.env.RESTAMP_TWIN
if (!folder) {
  throw new Error(
    'RESTAMP_TWIN is not set: expected a folder with fleet.json, node-cpu.csv.gz and replica-load.csv.gz. The adapters for Azure itself are not there yet',
  )
}

const SEED = 1
const webhook = webhookOf(process.env)
const state = join(folder, 'state')
await mkdir(state, { recursive: true })
const clock = { nowMs: () => Date.now() }
const files = await readTwinFiles({
  fleet: join(folder, 'fleet.json'),
  cpu: join(folder, 'node-cpu.csv.gz'),
  load: join(folder, 'replica-load.csv.gz'),
})
const { catalog, metrics, traffic, capacity, provisioning, interlocks } = createTwin({
  files,
  database: join(state, 'twin.db'),
  clock,
  seed: SEED,
})

registerApp({
  ports: {
    catalog,
    metrics,
    traffic,
    capacity,
    interlocks,
    records: new SqliteRecords(join(state, 'records.db')),
    clock,
  },
  identity: await whoAsks(),
  policies: { '*': OPEN_POLICY },
  provisioning,
  rehearse: createWorkerRehearsal(new URL('rehearsal.js', import.meta.url)),
  pages: new PageFiles(fileURLToPath(new URL('dashboard', import.meta.url))),
  anchors: new SqliteAnchors(join(state, 'anchors.db')),
  notifications: webhook
    ? new WebhookNotifications({ ...webhook, nowMs: Date.now })
    : new FileNotifications(join(state, 'notifications.jsonl')),
})

/** Easy Auth where the app runs on Azure; named local users, their tokens in a private file, on somebody's machine. */
async function whoAsks(): Promise<Identity> {
  if (process.env.WEBSITE_INSTANCE_ID)
    return new EasyAuthIdentity(process.env.WEBSITE_AUTH_ENABLED === 'True')
  const users = (await usersBefore()) ?? createLocalUsers()
  const baseUrl = `http://${process.env.WEBSITE_HOSTNAME ?? 'localhost:7071'}`
  await writeFile(join(state, 'session.json'), JSON.stringify({ baseUrl, users, pid: process.pid }), {
    mode: 0o600,
  })
  return new LocalIdentity(users)
}

/** A worker that was started anew goes on with the tokens that people hold. */
async function usersBefore(): Promise<LocalUser[] | undefined> {
  const text = await readFile(join(state, 'session.json'), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : LocalSession.parse(JSON.parse(text)).users
}
