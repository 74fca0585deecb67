import { Command } from 'commander'
import { ClockSpeed } from '../domain/clock-speed.ts'
import { CliError } from './cli-error.ts'
import { type CliIo, EXIT, printJson } from './io.ts'

const PORT_MAX = 65_535
const STOP_LOOK_MS = 3_600_000

interface HostFolderOptions {
  readonly port?: number
  readonly hub: string
  readonly clock: ClockSpeed
  readonly json?: boolean
}

export function createHostCommand(io: CliIo): Command {
  return new Command('host')
    .description('run any Functions app folder on the embedded host, until Ctrl-C')
    .argument('<appdir>', 'a folder with host.json and a package.json whose "main" registers functions')
    .option('--port <number>', 'the port on loopback; 0 takes any that is free', portOf)
    .option('--hub <file>', 'the file of the task hub; `memory` keeps none', 'memory')
    .option(
      '--clock <speed>',
      '`real`, `skip` to the next due timer, or how many times as fast',
      speedOf,
      'real',
    )
    .option('--json', 'print the address as one JSON document on standard output')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp host ./my-app --port 0\n  restamp host ./my-app --hub hub.db --clock 60x',
    )
    .action(async (appDir: string, options: HostFolderOptions) => {
      // Loaded only when asked for: every other command starts without the host.
      const { hostAppFolder } = await import('../host/app-folder.ts')
      const hosting = hostAppFolder(appDir, {
        hub: options.hub,
        clock: options.clock,
        ...(options.port === undefined ? {} : { port: options.port }),
        log: ({ level, category, message }) => io.err(`${level} ${category}: ${message}\n`),
      })
      const host = await hosting.catch((error: unknown) => {
        throw unhosted(error, appDir)
      })
      const { baseUrl, systemKey } = host
      if (options.json) printJson(io, { baseUrl, systemKey })
      else {
        io.out(`The app of ${appDir} runs at ${baseUrl}; Ctrl-C stops it.\n`)
        io.out(`  management API: ${baseUrl}/runtime/webhooks/durabletask, system key ${systemKey}\n`)
      }
      await untilLeaving(io)
      await host.stop()
    })
}

/** An app that can't be loaded is bad input; what the host itself refuses has its own name or system code. */
function unhosted(error: unknown, appDir: string): unknown {
  if (
    !(error instanceof Error) ||
    error.name === 'HubRefused' ||
    ('syscall' in error && error.syscall === 'listen')
  ) {
    return error
  }
  const [words] = error.message.split('\n')
  return new CliError(`${appDir} can't be hosted: ${words}`, EXIT.usage)
}

/** Waits for Ctrl-C. */
export async function untilLeaving(io: CliIo): Promise<void> {
  while (!io.leaving.aborted) await io.pause(STOP_LOOK_MS)
}

export function portOf(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port <= PORT_MAX) return port
  throw new CliError(`--port takes a number from 0 to ${PORT_MAX}, not "${text}"`, EXIT.usage)
}

/** How fast time runs: `real`, `skip`, or a factor. */
export function speedOf(text: string): ClockSpeed {
  const rate = { rate: /\d/.test(text) ? Number(text.replace(/x$/, '')) : Number.NaN }
  const speed = ClockSpeed.safeParse(text === 'real' || text === 'skip' ? text : rate)
  if (speed.success) return speed.data
  throw new CliError(
    `"${text}" is no speed; expected real, skip, or how many times as fast up to 86400x, such as 3600x`,
    EXIT.usage,
  )
}
