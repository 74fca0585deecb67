import { CommanderError } from 'commander'
import { CliError } from './cli-error.ts'
import { EXIT, type ExitCode } from './io.ts'

/** How a command ended that threw: the sentence to show, none where it was shown already, and the exit code. */
export interface Failure {
  readonly words: string | undefined
  readonly exitCode: ExitCode
}

/** Errors that are sentences for people already, by the name that each class sets, since they come from other parts. */
const PLAIN: Readonly<Record<string, ExitCode>> = {
  FileRefused: EXIT.usage,
  SettingRefused: EXIT.usage,
  HubRefused: EXIT.dependency,
  DatabaseRefused: EXIT.dependency,
  TwinMismatch: EXIT.dependency,
  RunsNotCarriedOn: EXIT.no,
}

const SYSTEM: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is in use by another process; choose another with --port, or 0 for any',
  EACCES: 'no permission',
  EPERM: 'no permission',
  EROFS: 'the file system can only be read',
  ENOSPC: 'the disk is full; make room and run the same command again',
  EMFILE: 'too many files are open',
}

export function failureOf(error: unknown): Failure {
  if (error instanceof CommanderError) {
    const done = error.exitCode === 0
    return { words: undefined, exitCode: done ? EXIT.done : EXIT.usage }
  }
  if (error instanceof CliError) return { words: error.message, exitCode: error.exitCode }
  if (!(error instanceof Error)) return { words: String(error), exitCode: EXIT.dependency }
  const plain = PLAIN[error.name]
  if (plain !== undefined) return { words: error.message, exitCode: plain }
  const system = 'code' in error && typeof error.code === 'string' ? SYSTEM[error.code] : undefined
  if (system) return { words: `${subjectOf(error)}${system}`, exitCode: EXIT.dependency }
  return {
    words: `${error.message} (unexpected; RESTAMP_DEBUG=1 shows where)`,
    exitCode: EXIT.dependency,
  }
}

function subjectOf(error: Error): string {
  if ('path' in error && typeof error.path === 'string') return `${error.path}: `
  if ('port' in error && typeof error.port === 'number') return `port ${error.port}: `
  return ''
}
