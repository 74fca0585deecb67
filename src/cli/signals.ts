import { Command } from 'commander'
import { type CpuFile, readCpu } from '../adapters/files/read-cpu.ts'
import { compareCodePoints } from '../domain/code-point-order.ts'
import { binMsOf, findPeakWindow, type Signals, signalsIn, type Window } from '../domain/hot-node.ts'
import { DEFAULT_POLICY } from '../domain/policy.ts'
import type { PoolCpu } from '../domain/series.ts'
import { CliError } from './cli-error.ts'
import { type CliIo, EXIT, printJson } from './io.ts'
import { type SignalOptions, signalOptions } from './signal-options.ts'
import { placeOf, signalsTable } from './signals-table.ts'

const DAY_MS = 86_400_000
const NAMES_SHOWN_MAX = 20

interface PoolSignals {
  readonly pool: PoolCpu
  readonly signals: Signals
}

/** `restamp signals`: the three CPU figures of each pool in a file. */
export function createSignalsCommand(io: CliIo): Command {
  return new Command('signals')
    .summary('average, Max and hot-node P95 of CPU files')
    .description(
      'Shows pool average, Max and hot-node P95 of each pool in a CPU file, and what each would have decided.\n' +
        'Without --start the peak window is found: the hottest of the last 24 h of the data.',
    )
    .argument('<cpu>', 'CSV, plain or gzip: timestamp,region,stamp,pool,node,cpu_percent')
    .option('--start <time>', 'start of the window, ISO 8601')
    .option('--zone <name>', 'time zone of a --start without one, such as Europe/Amsterdam (default: UTC)')
    .option('--hours <number>', 'length of the window', '12')
    .option('--bin <seconds>', 'length of a bin; data sampled every 5 minutes wants 300', '60')
    .option('--pool <name>', 'only pools of this name')
    .option('--node-column <name>', 'column that has the nodes (default: node)')
    .option('--value-column <name>', 'column that has CPU percent (default: cpu_percent)')
    .option('--node-prefix <text>', 'only nodes whose name begins so')
    .option('--nodes <names>', 'only these nodes, commas between them')
    .option('--percentile <number>', 'percentile over the bins', '95')
    .option('--min-coverage <share>', 'least share of bins that must be there, 0 to 1', '0.95')
    .option('--fail-on <verdict>', 'hot: exit code 1 when a pool is hot, or nobody can tell')
    .option('--json', 'print one JSON document')
    .addHelpText(
      'after',
      `
Examples:
  restamp signals cpu.csv.gz
  restamp signals cpu.csv --start 2019-01-15T08:00:00Z --hours 12 --json
  restamp signals cpu-5min.csv.gz --bin 300 --fail-on hot

Exit codes: 0 done; 1 a pool is hot, or can't be judged, with --fail-on hot; 2 wrong usage or bad input.`,
    )
    .action(async (path: string, given: unknown) => {
      const options = signalOptions(given)
      const file = await read(path, options)
      const pools = chosenPools(path, file, options).map((pool) => judged(pool, file, options))
      for (const words of remarks(file, pools, options)) io.err(`${words}\n`)
      if (options.json)
        printJson(
          io,
          pools.map((pool) => asJson(pool, file.badTimestamps)),
        )
      else io.out(signalsTable(pools, options))
      if (options.failOn === 'hot' && !pools.every(isFine)) io.exit(EXIT.no)
    })
}

function read(path: string, options: SignalOptions): Promise<CpuFile> {
  const { nodeColumn, valueColumn, nodePrefix, nodes, startMs, lengthMs } = options
  return readCpu(path, {
    ...(nodeColumn !== undefined && { nodeColumn }),
    ...(valueColumn !== undefined && { valueColumn }),
    ...(nodePrefix !== undefined && { nodePrefix }),
    ...(nodes !== undefined && { nodes }),
    keep: startMs === null ? { lastMs: DAY_MS } : { fromMs: startMs, toMs: startMs + lengthMs },
  })
}

function chosenPools(path: string, file: CpuFile, options: SignalOptions): PoolCpu[] {
  if (file.pools.length === 0) {
    throw new CliError(`${path} has none of the chosen nodes; it has ${listed(file.nodesInFile)}`, EXIT.usage)
  }
  const pools = file.pools.filter(({ role }) => options.pool === undefined || role === options.pool)
  if (pools.length === 0) {
    const roles = [...new Set(file.pools.map(({ role }) => role ?? '(unnamed)'))]
    throw new CliError(`${path} has no pool "${options.pool}"; it has ${listed(roles)}`, EXIT.usage)
  }
  return pools.toSorted(byPlace)
}

function byPlace(a: PoolCpu, b: PoolCpu): number {
  return (
    compareCodePoints(a.region ?? '', b.region ?? '') ||
    compareCodePoints(a.stamp ?? '', b.stamp ?? '') ||
    compareCodePoints(a.role ?? '', b.role ?? '')
  )
}

function judged(pool: PoolCpu, file: CpuFile, options: SignalOptions): PoolSignals {
  const { percentile, minCoverage } = options
  const signals = signalsIn(pool.samples, windowOf(pool, file, options), { percentile, minCoverage })
  return { pool, signals }
}

function windowOf(pool: PoolCpu, file: CpuFile, options: SignalOptions): Window {
  const { binMs, lengthMs, startMs, hours, minCoverage } = options
  if (startMs !== null) return { startMs, endMs: startMs + lengthMs, binMs }
  // The data of all pools end together: a pool that fell silent is not judged by its better days.
  const endMs = (Math.floor((file.lastMs ?? 0) / binMs) + 1) * binMs
  const found = findPeakWindow(pool.samples, { hours, binMs, nowMs: endMs, minCoverage })
  return found ?? { startMs: endMs - lengthMs, endMs, binMs }
}

function isFine({ signals }: PoolSignals): boolean {
  return signals.status === 'ok' && (signals.hotNodeP95 ?? 0) < DEFAULT_POLICY.hotPercent
}

/** What a person should know beside the figures: rows that were left out, pools that can't be judged. */
function remarks(file: CpuFile, pools: readonly PoolSignals[], options: SignalOptions): string[] {
  const words: string[] = []
  if (file.badTimestamps > 0) words.push(`${file.badTimestamps} rows were left out: their time can't be read`)
  if (file.brokenRows > 0) {
    words.push(`${file.brokenRows} rows were left out: no node, wrong quotes or too many fields`)
  }
  for (const { pool, signals } of pools) {
    if (signals.status === 'ok') continue
    const { presentBins, expectedBins, minimum } = signals.coverage
    const interval = binMsOf(pool.samples) / 1000
    const hint =
      interval * 1000 > options.binMs ? `; the data have a sample every ${interval} s: --bin ${interval}` : ''
    words.push(
      `${placeOf(pool)}: ${presentBins} of ${expectedBins} bins have a sample, ${Number((minimum * 100).toFixed(6))} % are needed to judge it${hint}`,
    )
  }
  return words
}

function asJson({ pool, signals }: PoolSignals, badTimestamps: number) {
  const { status, window, hotNodeP95, poolAverage, max, coverage, counts } = signals
  return {
    region: pool.region,
    stamp: pool.stamp,
    pool: pool.role,
    status,
    window: { start: iso(window.startMs), end: iso(window.endMs), binSeconds: window.binMs / 1000 },
    hotNodeP95,
    poolAverage,
    max: max && { value: max.value, node: max.node, at: iso(max.atMs) },
    coverage,
    counts: { ...counts, badTimestamps },
  }
}

function iso(ms: number): string {
  return new Date(ms).toISOString().replace('.000Z', 'Z')
}

function listed(names: readonly string[]): string {
  const more = names.length > NAMES_SHOWN_MAX ? ` and ${names.length - NAMES_SHOWN_MAX} more` : ''
  return names.slice(0, NAMES_SHOWN_MAX).join(', ') + more
}
