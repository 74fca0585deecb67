import type { Command } from 'commander'
import { failureOf } from '../../src/cli/failure.ts'
import type { CliIo } from '../../src/cli/io.ts'
import { createProgram } from '../../src/cli/program.ts'

export interface Ended {
  readonly out: string
  readonly err: string
  readonly exitCode: number
}

/** An io that keeps what is printed; `leave` is Ctrl-C. */
export function keepingIo(): {
  io: CliIo
  out: () => string
  err: () => string
  code: () => number
  leave: () => void
} {
  const [out, err]: [string[], string[]] = [[], []]
  const leaving = new AbortController()
  let code = 0
  const io: CliIo = {
    out: (text) => out.push(text),
    err: (text) => err.push(text),
    env: {},
    interactive: false,
    colors: false,
    leaving: leaving.signal,
    nowMs: () => Date.now(),
    pause: (ms) => new Promise((resolve) => setTimeout(resolve, Math.min(ms, 20))),
    exit: (given) => {
      code = given
    },
  }
  return {
    io,
    out: () => out.join(''),
    err: () => err.join(''),
    code: () => code,
    leave: () => leaving.abort(),
  }
}

/** Runs one command as `main.ts` does, in this process. */
export function runCli(...args: string[]): Promise<Ended> {
  return runCommand((io) => createProgram(io, '0.0.0'), args)
}

/** The same of one command alone, which a test may open over doubles. */
export async function runCommand(command: (io: CliIo) => Command, args: readonly string[]): Promise<Ended> {
  const kept = keepingIo()
  try {
    await command(kept.io)
      .exitOverride()
      .configureOutput({ writeErr: (text) => kept.io.err(text) })
      .parseAsync(args, { from: 'user' })
    return { out: kept.out(), err: kept.err(), exitCode: kept.code() }
  } catch (error) {
    const { words = '', exitCode } = failureOf(error)
    return { out: kept.out(), err: `${kept.err()}${words}`, exitCode }
  }
}
