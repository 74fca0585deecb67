import type { ExitCode } from './io.ts'

/** Ends a command: the message is one clear sentence for people, the code is what scripts see. */
export class CliError extends Error {
  override readonly name = 'CliError'
  readonly exitCode: ExitCode

  constructor(message: string, exitCode: ExitCode) {
    super(message)
    this.exitCode = exitCode
  }
}
