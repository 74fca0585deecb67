import { readFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { failureOf } from './failure.ts'
import { type CliIo, EXIT, type ExitCode } from './io.ts'
import { createProgram } from './program.ts'

const FLUSH_MAX_MS = 5_000

/** The command line as a process: the one place of `cli/` that reads the environment and ends the process. */
async function main(): Promise<void> {
  endWithOurStarter()
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => process.exit(EXIT.done))
  let exitCode: ExitCode = EXIT.done
  const io = createProcessIo((code) => {
    exitCode = code
  })
  try {
    await createProgram(io, version()).parseAsync(process.argv)
  } catch (error) {
    const failure = failureOf(error)
    if (failure.words !== undefined) io.err(`restamp: ${failure.words}\n`)
    if (io.env.RESTAMP_DEBUG) io.err(`${error instanceof Error ? error.stack : String(error)}\n`)
    exitCode = failure.exitCode
  }
  await Promise.race([flushed(), sleep(FLUSH_MAX_MS)])
  process.exit(exitCode)
}

function createProcessIo(exit: CliIo['exit']): CliIo {
  const leave = new AbortController()
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      // The second time somebody means it.
      if (leave.signal.aborted) process.exit(EXIT.dependency)
      leave.abort()
    })
  }
  const interactive = process.stdout.isTTY === true
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    env: process.env,
    interactive,
    colors: interactive && !process.env.NO_COLOR,
    leaving: leave.signal,
    nowMs: () => Date.now(),
    pause: (ms) => sleep(ms, undefined, { signal: leave.signal }).catch(() => undefined),
    exit,
  }
}

/** On an older Node the starter is another process; killed outright, it must leave no host behind. */
function endWithOurStarter(): void {
  if (!process.channel) return
  process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'))
  process.channel.unref()
}

function version(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'))
  return typeof manifest === 'object' && manifest && 'version' in manifest
    ? String(manifest.version)
    : 'unknown'
}

async function flushed(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    await new Promise<void>((resolve) => stream.write('', () => resolve()))
  }
}

await main()
