import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

export interface ServedApp {
  readonly baseUrl: string
  readonly systemKey: string
  readonly pid: number
  readonly stderr: () => string
  /** Ends the process as a power cut would. */
  kill(): Promise<void>
  stop(): Promise<void>
}

const script = fileURLToPath(new URL('serve-app.ts', import.meta.url))

/** Starts an app folder in a child process; rejects with what it wrote to stderr if it does not come up. */
export async function serveApp(dir: string, options: object = {}): Promise<ServedApp> {
  const child = spawn(process.execPath, [script, dir, JSON.stringify(options)], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let stderr = ''
  child.stderr.on('data', (chunk) => {
    stderr += chunk
  })
  const line = await firstLine(child)
  if (line === undefined) throw new Error(stderr)
  const { baseUrl, systemKey } = JSON.parse(line)
  return {
    baseUrl,
    systemKey,
    pid: child.pid ?? 0,
    stderr: () => stderr,
    kill: () => ended(child, 'SIGKILL'),
    stop: () => ended(child, 'SIGTERM'),
  }
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  let text = ''
  return new Promise((resolve) => {
    child.stdout?.on('data', (chunk) => {
      text += chunk
      const end = text.indexOf('\n')
      if (end >= 0) resolve(text.slice(0, end))
    })
    child.once('close', () => resolve(undefined))
  })
}

async function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const closed = once(child, 'close')
  child.kill(signal)
  await closed
}
