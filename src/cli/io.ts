/** What scripts read from a command's end; the meaning of each is in the help of every command. */
export const EXIT = {
  done: 0,
  /** It ran and the answer is no. */
  no: 1,
  /** Wrong usage or bad input. */
  usage: 2,
  /** Something that it depends on failed. */
  dependency: 3,
} as const
export type ExitCode = (typeof EXIT)[keyof typeof EXIT]

/** All that a command has of the world around it; `main.ts` makes it of the process, tests of arrays. */
export interface CliIo {
  /** Results: text to standard output, just as given. */
  out(text: string): void
  /** Progress and words: text to standard error, just as given. */
  err(text: string): void
  readonly env: Readonly<Record<string, string | undefined>>
  /** Whether a person reads standard output; no line is redrawn otherwise. */
  readonly interactive: boolean
  /** Whether standard output shows colours. */
  readonly colors: boolean
  /** Ends waits when the person wants to leave (Ctrl-C). */
  readonly leaving: AbortSignal
  /** Real time, epoch milliseconds. */
  nowMs(): number
  /** Waits, or until `leaving`. */
  pause(ms: number): Promise<void>
  /** Sets the exit code of a command that ends without an error. */
  exit(code: ExitCode): void
}

/** Prints the one JSON document of `--json`. */
export function printJson(io: CliIo, document: unknown): void {
  io.out(`${JSON.stringify(document, null, 2)}\n`)
}
