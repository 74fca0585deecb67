import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'

const CAPTURED_MAX = 1_000_000
const PASSED_ON = ['SIGINT', 'SIGTERM', 'SIGHUP']

/** The environment in which `node` means the given one. */
export function withNode(node, env = process.env) {
  const key = Object.keys(env).find((name) => name.toUpperCase() === 'PATH') ?? 'PATH'
  return { ...env, [key]: `${dirname(node)}${delimiter}${env[key] ?? ''}` }
}

/** Runs a program and keeps what it says. A program that is not there ends with code 127. */
export function capture(command, args, { cwd, env, shell = false } = {}) {
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd, env, shell, stdio: ['ignore', 'pipe', 'pipe'] })
    const said = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr']) {
      child[name].setEncoding('utf8').on('data', (text) => {
        said[name] = (said[name] + text).slice(-CAPTURED_MAX)
      })
    }
    child.on('error', (error) => resolve({ ...said, code: 127, stderr: error.message }))
    child.on('close', (code, signal) => resolve({ ...said, code: code ?? codeOf(signal) }))
  })
}

/**
 * Runs a program in our place: its input and output are ours, it gets our signals, and its exit code is returned.
 * A channel tells it when we are killed outright, so that no host stays behind alone.
 */
export function runInPlace(command, args, { cwd, env = process.env, channel = 'none' } = {}) {
  return new Promise((resolve) => {
    const stdio = ['inherit', 'inherit', 'inherit', ...(channel === 'ipc' ? ['ipc'] : [])]
    const child = spawn(command, args, { cwd, env, stdio })
    // A terminal sends Ctrl-C to both of us already; the handler keeps us alive until the child has ended.
    const handlers = PASSED_ON.map((signal) => [
      signal,
      () => (signal === 'SIGINT' && process.stdin.isTTY ? undefined : child.kill(signal)),
    ])
    for (const [signal, handler] of handlers) process.on(signal, handler)
    const end = (code) => {
      for (const [signal, handler] of handlers) process.off(signal, handler)
      resolve(code)
    }
    child.on('error', () => end(127))
    child.on('close', (code, signal) => end(code ?? codeOf(signal)))
  })
}

function codeOf(signal) {
  return 128 + (constants.signals[signal] ?? 0)
}
