import { Command } from 'commander'
import { refusal } from '../domain/principal.ts'
import type { ReadinessView } from '../messages/needs-api.ts'
import { connect, type HostOptions, withHostOptions } from './connection.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { scanNow } from './scan.ts'
import { table } from './table.ts'

/** `restamp readiness`: which signals can't be judged by, since when, and when there will be enough. */
export function createReadinessCommand(io: CliIo): Command {
  const command = new Command('readiness')
    .description('which signals are missing, since when, and when there will be enough to judge by')
    .option('--fail', 'end with code 1 when a signal is missing')
    .addHelpText('after', '\nExamples:\n  restamp readiness\n  restamp readiness --fail --json')
  return withHostOptions(command).action(async (options: HostOptions & { readonly fail?: boolean }) => {
    const client = await connect(options, 'read')
    // Who may only read is told what the latest scan has found.
    if (refusal((await client.me()).principal, 'scan') === undefined) await scanNow(client, io)
    const view = await client.readiness()
    if (options.json) printJson(io, view)
    else io.out(view.regions.map(showRegion).join('\n'))
    if (options.fail && view.regions.some(({ missing }) => missing.length > 0)) io.exit(EXIT.no)
  })
}

function showRegion({ region, missing }: ReadinessView['regions'][number]): string {
  if (missing.length === 0) return `${region}: every signal can be judged by.\n`
  const at = (ms: number | null, words: string) => (ms === null ? words : moment(ms))
  const rows = missing.map(({ stamp, pool, signal, sinceMs, readyMs }) => [
    stamp,
    pool ?? '-',
    signal,
    at(sinceMs, 'never'),
    at(readyMs, 'unknown'),
  ])
  const words = missing.map((one) => `  ${one.words}\n`).join('')
  return `${region}\n${table(['stamp', 'pool', 'signal', 'there until', 'enough at'], rows)}${words}`
}
