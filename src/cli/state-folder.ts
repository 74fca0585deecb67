import { createWriteStream } from 'node:fs'
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'
import { jsonOf } from './json-of.ts'
import { findSession, isAlive } from './session.ts'

/** Paths of the files that a region is made of. */
export interface RegionFiles {
  readonly fleet: string
  readonly cpu: string
  readonly load: string
  readonly policy?: string
}

const Owner = z.object({ pid: z.int().positive() })

const EXAMPLE = 'worked-example'
const EXAMPLE_SEED = 1
const EXAMPLE_FILES = ['fleet.json', 'node-cpu.csv.gz', 'replica-load.csv.gz', 'policy.json'] as const
const LOG_BYTES_MAX = 20_000_000
/** What Restamp keeps in a state folder; nothing else in it is ever removed. */
const DATABASES = ['hub.db', 'records.db', 'twin.db']
/** What SQLite keeps beside a database. The hub's lock stays: whoever holds it must go on holding it. */
const SIDE_FILES = ['wal', 'shm', 'journal']
const OWN = [
  ...DATABASES.flatMap((name) => [name, ...SIDE_FILES.map((side) => `${name}-${side}`)]),
  'session.json',
  'host.log',
  EXAMPLE,
  `${EXAMPLE}.partial`,
]

/** Makes a state folder ready; `fresh` forgets what Restamp kept there. Refuses while a host runs over it. */
export async function openStateFolder(dir: string, kind: 'keep' | 'fresh'): Promise<void> {
  const session = await findSession(dir)
  const pid = session?.pid ?? (await hubOwner(dir))
  if (pid !== undefined) {
    const where = session ? `, at ${session.baseUrl}` : ''
    throw new CliError(
      `A Restamp host (process ${pid}) already runs over ${dir}${where}; stop it first, or take another folder with --state`,
      EXIT.dependency,
    )
  }
  await mkdir(dir, { recursive: true })
  if (kind === 'keep') return
  for (const name of OWN) await rm(join(dir, name), { recursive: true, force: true })
}

/** The process that holds the hub, while it is only starting or stopping and has no session to show. */
async function hubOwner(dir: string): Promise<number | undefined> {
  const text = await readFile(join(dir, 'hub.db-owner'), 'utf8').catch(() => '')
  const owner = Owner.safeParse(jsonOf(text))
  return owner.success && owner.data.pid !== process.pid && isAlive(owner.data.pid)
    ? owner.data.pid
    : undefined
}

/** The worked example's files, written once for each state folder; the folder gets its name when all are there. */
export async function workedExample(stateDir: string): Promise<RegionFiles> {
  const folder = join(stateDir, EXAMPLE)
  const exists = await access(folder).then(
    () => true,
    () => false,
  )
  if (!exists) {
    // Loaded only where it is needed: a second start finds the files.
    const { writeWorkedExample } = await import('../twin/write-worked-example.ts')
    const partial = `${folder}.partial`
    await rm(partial, { recursive: true, force: true })
    await writeWorkedExample(partial, { seed: EXAMPLE_SEED, metered: false })
    await rename(partial, folder)
  }
  const [fleet, cpu, load, policy] = EXAMPLE_FILES
  return {
    fleet: join(folder, fleet),
    cpu: join(folder, cpu),
    load: join(folder, load),
    policy: join(folder, policy),
  }
}

/** Writes what the host logs to a file of the state folder, up to a limit. */
export function openHostLog(stateDir: string, debug: (line: string) => void) {
  const file = createWriteStream(join(stateDir, 'host.log'), { flags: 'a', mode: 0o600 })
  // A log that can't be written is no reason to stop a migration.
  file.on('error', () => undefined)
  return (entry: { readonly level: string; readonly category: string; readonly message: string }) => {
    const line = `${entry.level} ${entry.category}: ${entry.message}\n`
    debug(line)
    if (file.bytesWritten < LOG_BYTES_MAX) file.write(line)
  }
}
