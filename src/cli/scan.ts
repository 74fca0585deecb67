import { Command } from 'commander'
import type { Scan } from '../domain/scan.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { connectToAct, type HostOptions, withActOptions } from './connection.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { showScan } from './show-scan.ts'

const POLL_MS = 100
const SCAN_MAX_MS = 120_000

interface ScanOptions extends HostOptions {
  readonly region?: string
  readonly failOn?: string
}

export function createScanCommand(io: CliIo): Command {
  const command = new Command('scan')
    .description('look at every stamp now: the three CPU figures, a verdict, and who dominates')
    .option('--region <name>', 'only this region')
    .option('--fail-on <what>', 'end with code 1 when a stamp is `hot`, or needs any `action`')
    .addHelpText(
      'after',
      '\nExamples:\n  restamp scan\n  restamp scan --region westeurope --json\n  restamp scan --fail-on hot',
    )
  return withActOptions(command).action(async (options: ScanOptions) => {
    if (options.failOn !== undefined && !['hot', 'action'].includes(options.failOn)) {
      throw new CliError(`--fail-on takes hot or action, not "${options.failOn}"`, EXIT.usage)
    }
    const client = await connectToAct(options, 'scan', io)
    const scans = await scanNow(client, io, options.region)
    if (options.json) printJson(io, scans)
    else io.out(scans.map(showScan).join('\n'))
    const rules = scans.flatMap(({ needsAction }) => needsAction.map(({ rule }) => rule))
    const hot = scans.some(({ pools }) => pools.some(({ verdict }) => verdict === 'hot'))
    if (options.failOn === 'hot' && hot) io.exit(EXIT.no)
    if (options.failOn === 'action' && (hot || rules.length > 0)) io.exit(EXIT.no)
  })
}

/** Asks for a scan and waits for what it finds, region by region. */
export async function scanNow(client: Client, io: CliIo, region?: string): Promise<Scan[]> {
  const regions = region ? [region] : (await client.fleet()).regions.map(({ name }) => name)
  const { nowMs } = await client.me()
  await client.askForScan(region)
  const scans: Scan[] = []
  for (const name of regions) scans.push(await scanSince(client, io, name, nowMs))
  return scans
}

async function scanSince(client: Client, io: CliIo, region: string, sinceMs: number): Promise<Scan> {
  const untilMs = io.nowMs() + SCAN_MAX_MS
  while (io.nowMs() < untilMs && !io.leaving.aborted) {
    const found = (await client.fleet()).regions.find(({ name }) => name === region)
    if (found && found.scannedAtMs !== null && found.scannedAtMs >= sinceMs) return client.latestScan(region)
    await io.pause(POLL_MS)
  }
  throw new CliError(
    `The scan of ${region} was asked for but gave nothing within ${SCAN_MAX_MS / 1000} s; look at the host's log`,
    EXIT.dependency,
  )
}
