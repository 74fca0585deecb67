// Times what somebody new does, from a clone to their first approved gate: npm run newcomer
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const ROOT = dirname(dirname(fileURLToPath(import.meta.url)))
const WAIT_MS_MAX = 10 * 60_000
const LOOK_MS = 250

const folder = mkdtempSync(join(tmpdir(), 'restamp-newcomer-'))
const clone = join(folder, 'restamp')
const beganMs = Date.now()
const commands = []
let up
try {
  await finished(command('git', ['clone', '--quiet', ROOT, clone], folder))
  said('cloned')
  up = command('npm', ['start', '--', '--port', '0'], clone)
  await until(() => session())
  said('the page can be opened')
  const plan = await until(async () => {
    const { waits } = await asked('waiting')
    return waits.find(({ waiting }) => waiting.kind === 'gate')?.planId
  })
  said(`${plan} waits for approval, its rehearsal passed`)
  await finished(command('npm', ['run', '-s', 'restamp', '--', 'approve', plan], clone))
  await until(async () => (await asked(`plans/${plan}/status`)).batches[0].approvedBy.length > 0)
  said('the first gate is approved')
  console.log(`${commands.length} commands:\n${commands.map((line) => `  ${line}`).join('\n')}`)
  process.exitCode = commands.length <= 3 ? 0 : 1
} finally {
  up?.kill('SIGINT')
  await new Promise((resolve) => (up && up.exitCode === null ? up.once('exit', resolve) : resolve()))
  rmSync(folder, { recursive: true, force: true })
}

function command(name, args, cwd) {
  commands.push([name, ...args].join(' ').replace(ROOT, 'REPOSITORY').replace(clone, 'restamp'))
  return spawn(name, args, { cwd, stdio: ['ignore', 'ignore', 'inherit'] })
}

async function finished(child) {
  const code = await new Promise((resolve) => child.once('exit', resolve))
  if (code !== 0) throw new Error(`${commands.at(-1)} ended with code ${code}`)
}

function said(words) {
  console.log(`${((Date.now() - beganMs) / 1000).toFixed(0).padStart(4)} s  ${words}`)
}

function session() {
  try {
    return JSON.parse(readFileSync(join(clone, '.restamp', 'session.json'), 'utf8'))
  } catch {
    return undefined
  }
}

async function asked(path) {
  const { baseUrl, users } = session()
  const { token } = users.find(({ name }) => name === 'reader')
  const response = await fetch(`${baseUrl}/api/v1/${path}`, { headers: { authorization: `Bearer ${token}` } })
  return response.json()
}

async function until(look) {
  while (Date.now() - beganMs < WAIT_MS_MAX) {
    const found = await look()
    if (found) return found
    await pause(LOOK_MS)
  }
  throw new Error('waited in vain')
}
