import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { EasyAuthIdentity } from './adapters/azure/easy-auth.ts'
import { readTwinFiles } from './adapters/files/read-twin-files.ts'
import { FileNotifications } from './adapters/local/file-notifications.ts'
import {
  createLocalUsers,
  LocalIdentity,
  LocalSession,
  type LocalUser,
} from './adapters/local/local-users.ts'
import { SqliteAnchors } from './adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from './adapters/sqlite/sqlite-records.ts'
import type { AppParts } from './app.ts'
import { OPEN_POLICY } from './domain/policy.ts'
import type { Identity } from './ports/identity.ts'
import { createTwin } from './twin/twin.ts'

const SEED = 1

/** The parts that differ from one place to another; how to rehearse and where the page lies is the entry's. */
export type PlacedParts = Omit<AppParts, 'rehearse' | 'pages'>

type Env = Readonly<Record<string, string | undefined>>

/**
 * A simulated region on a Functions host, to try the app there: files and state in one folder, real time. The twin's file has one
 * owner, so this is for a host with one worker: after a rebuild start the host anew.
 */
export async function partsOnTwin(folder: string, env: Env): Promise<PlacedParts> {
  const state = join(folder, 'state')
  await mkdir(state, { recursive: true })
  const clock = { nowMs: () => Date.now() }
  const files = await readTwinFiles({
    fleet: join(folder, 'fleet.json'),
    cpu: join(folder, 'node-cpu.csv.gz'),
    load: join(folder, 'replica-load.csv.gz'),
  })
  const twin = createTwin({ files, database: join(state, 'twin.db'), clock, seed: SEED })
  const { catalog, metrics, traffic, capacity, provisioning, interlocks } = twin
  const records = new SqliteRecords(join(state, 'records.db'))
  return {
    ports: { catalog, metrics, traffic, capacity, interlocks, records, clock },
    identity: await whoAsks(state, env),
    policies: { '*': OPEN_POLICY },
    provisioning,
    anchors: new SqliteAnchors(join(state, 'anchors.db')),
    notifications: new FileNotifications(join(state, 'notifications.jsonl')),
  }
}

/** Easy Auth where the app runs on Azure; named local users, their tokens in a private file, on somebody's machine. */
async function whoAsks(state: string, env: Env): Promise<Identity> {
  if (env.WEBSITE_INSTANCE_ID) return new EasyAuthIdentity(env.WEBSITE_AUTH_ENABLED === 'True')
  const session = join(state, 'session.json')
  const users = (await usersBefore(session)) ?? createLocalUsers()
  const baseUrl = `http://${env.WEBSITE_HOSTNAME ?? 'localhost:7071'}`
  await writeFile(session, JSON.stringify({ baseUrl, users, pid: process.pid }), { mode: 0o600 })
  return new LocalIdentity(users)
}

/** A worker that was started anew goes on with the tokens that people hold. */
async function usersBefore(session: string): Promise<LocalUser[] | undefined> {
  const text = await readFile(session, 'utf8').catch(() => undefined)
  return text === undefined ? undefined : LocalSession.parse(JSON.parse(text)).users
}
