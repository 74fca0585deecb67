import { randomUUID } from 'node:crypto'
import { rmSync } from 'node:fs'
import { mkdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { SetupFailed } from './failed.mjs'

const HEARTBEAT_MS = 2_000
const SILENT_MS = 30_000
const POLL_MS = 200
const WAIT_MAX_MS = 15 * 60_000

/** Does the work while no other process does: a folder is the lock, its time the holder's heartbeat. */
export async function alone(folder, { onWait, work }) {
  await mkdir(dirname(folder), { recursive: true })
  await take(folder, onWait)
  const heartbeat = setInterval(() => touch(folder), HEARTBEAT_MS)
  const release = () => rmSync(folder, { recursive: true, force: true })
  process.once('exit', release)
  try {
    return await work()
  } finally {
    clearInterval(heartbeat)
    process.off('exit', release)
    release()
  }
}

async function take(folder, onWait) {
  const until = Date.now() + WAIT_MAX_MS
  for (let tries = 0; Date.now() < until; tries += 1) {
    if (await created(folder)) return
    await clearWhenStale(folder)
    if (tries === 1) onWait()
    await pause(POLL_MS)
  }
  throw new SetupFailed(
    `another set-up has held ${folder} for ${WAIT_MAX_MS / 60_000} minutes; end it, or remove that folder`,
  )
}

async function created(folder) {
  try {
    await mkdir(folder)
    await writeFile(join(folder, 'pid'), String(process.pid))
    return true
  } catch (error) {
    if (error.code === 'EEXIST') return false
    throw error
  }
}

/** A lock without a living holder is moved away under a name of its own, so that only one waiter clears it. */
async function clearWhenStale(folder) {
  try {
    const { mtimeMs, ino } = await stat(folder)
    const pid = Number(await readFile(join(folder, 'pid'), 'utf8').catch(() => ''))
    const silentForMs = Date.now() - mtimeMs
    if (silentForMs < SILENT_MS && !(pid > 0 && hasEnded(pid))) return
    const away = `${folder}.${randomUUID()}`
    if ((await stat(folder)).ino !== ino) return
    await rename(folder, away)
    await rm(away, { recursive: true, force: true })
  } catch (error) {
    if (error.code !== 'ENOENT') throw error
  }
}

function hasEnded(pid) {
  try {
    process.kill(pid, 0)
    return false
  } catch (error) {
    return error.code === 'ESRCH'
  }
}

function touch(folder) {
  const now = new Date()
  utimes(folder, now, now).catch(() => undefined)
}
