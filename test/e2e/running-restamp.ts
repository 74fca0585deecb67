import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Session } from './session.ts'

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url))
const COMMAND_MS_MAX = 60_000

export interface Ended {
  readonly code: number
  readonly out: string
  readonly err: string
}

/** The real command line over a state folder of its own. */
export interface RunningRestamp {
  readonly baseUrl: string
  readonly session: Session
  tokenOf(user: string): string
  /** Runs one command against the host, as a person would in a second terminal. */
  command(...args: string[]): Promise<Ended>
  /** Kills it in whatever it does, and starts it again where it was: same folder, same port, other links. */
  killedAndStartedAgain(): Promise<RunningRestamp>
  stop(): Promise<void>
}

export function runCommand(args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [MAIN, ...args],
      { timeout: COMMAND_MS_MAX, maxBuffer: 1 << 26 },
      (error, out, err) => {
        const code = error ? (typeof error.code === 'number' ? error.code : -1) : 0
        resolve({ code, out, err })
      },
    )
  })
}

/** Starts `restamp up` and waits until its host answers. */
export async function startRestamp(...args: string[]): Promise<RunningRestamp> {
  return startIn(await mkdtemp(join(tmpdir(), 'restamp-e2e-')), '0', args)
}

async function startIn(state: string, port: string, args: readonly string[]): Promise<RunningRestamp> {
  const child = spawn(process.execPath, [MAIN, 'up', '--state', state, '--port', port, ...args], {
    stdio: 'ignore',
  })
  const session = await sessionOf(state, child)
  const end = async (signal: NodeJS.Signals) => {
    const gone = new Promise((resolve) => child.once('exit', resolve))
    if (child.exitCode !== null || child.signalCode !== null) return
    child.kill(signal)
    await gone
  }
  return {
    baseUrl: session.baseUrl,
    session,
    tokenOf: (user) => session.users.find(({ name }) => name === user)?.token ?? '',
    command: (...words) => runCommand([...words, '--state', state]),
    killedAndStartedAgain: async () => {
      await end('SIGKILL')
      await rm(join(state, 'session.json'), { force: true })
      return startIn(state, new URL(session.baseUrl).port, args)
    },
    stop: async () => {
      await end('SIGINT')
      await rm(state, { recursive: true, force: true })
    },
  }
}

async function sessionOf(state: string, child: ChildProcess): Promise<Session> {
  const deadlineMs = Date.now() + COMMAND_MS_MAX
  while (Date.now() < deadlineMs && child.exitCode === null) {
    const text = await readFile(join(state, 'session.json'), 'utf8').catch(() => '')
    if (text !== '') return Session.parse(JSON.parse(text))
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`the host did not come up (exit code ${child.exitCode})`)
}
