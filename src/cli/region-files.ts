import { readCpu } from '../adapters/files/read-cpu.ts'
import { readFleet } from '../adapters/files/read-fleet.ts'
import { readLoad } from '../adapters/files/read-load.ts'
import { readPolicy } from '../adapters/files/read-policy.ts'
import type { Fleet } from '../domain/fleet.ts'
import { binMsOf } from '../domain/hot-node.ts'
import { type Policy, type PolicyFile, policyFor } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import type { RegionData } from '../domain/region-data.ts'
import type { PoolCpu, RegionLoad } from '../domain/series.ts'
import { CliError } from './cli-error.ts'
import { moment } from './figures.ts'
import { type CliIo, EXIT } from './io.ts'

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000
/** So many weeks of CPU tell when a pool will be hot; of load a plan takes no more than it judges by. */
const FORECAST_MS = 28 * 24 * HOUR_MS

/** Files of a fleet and its telemetry, and which part of them is meant. */
export interface RegionFiles {
  readonly fleet: string
  readonly cpu: string
  readonly load: string
  readonly policy?: string | undefined
  readonly region?: string | undefined
  /** End of the data that may be used, epoch ms; without it the end of the last CPU bin. */
  readonly now?: number | undefined
  /** Length of a bin in seconds; without it the data's own. */
  readonly bin?: number | undefined
}

export interface ReadRegion {
  readonly data: RegionData
  readonly policy: Policy
}

/** Reads one region's data from files: as much CPU as a plan takes, or all there is. Throws `CliError` or `FileRefused`. */
export async function readRegion(
  io: CliIo,
  files: RegionFiles,
  how: { readonly cpu?: 'all'; readonly check?: (fleet: Fleet, region: string) => void } = {},
): Promise<ReadRegion> {
  const fleet = await readFleet(files.fleet)
  const policies: PolicyFile = files.policy === undefined ? {} : await readPolicy(files.policy)
  const region = chosenRegion(fleet, files)
  how.check?.(fleet, region)
  const policy = policyFor(region, policies)
  const lookBackMs = how.cpu === 'all' ? Number.POSITIVE_INFINITY : lookBackHours(policy) * HOUR_MS
  return { data: await regionData(io, { options: files, fleet, region, lookBackMs }), policy }
}

async function regionData(
  io: CliIo,
  parts: {
    readonly options: RegionFiles
    readonly fleet: Fleet
    readonly region: string
    readonly lookBackMs: number
  },
): Promise<RegionData> {
  const { options, fleet, region, lookBackMs } = parts
  const cpuBackMs = Math.max(lookBackMs, FORECAST_MS)
  const binMs = options.bin === undefined ? undefined : options.bin * 1000
  const file = await readCpu(options.cpu, {
    keep:
      options.now === undefined
        ? { lastMs: cpuBackMs }
        : { fromMs: options.now - cpuBackMs, toMs: options.now },
  })
  const cpu = file.pools.filter((pool) => pool.region === null || pool.region === region)
  const nowMs = options.now ?? endOf(cpu, binMs)
  if (nowMs === undefined) {
    throw new CliError(
      `${options.cpu}: no row is of region ${region}; expected its pools' samples`,
      EXIT.usage,
    )
  }
  const loads = await readLoad(options.load, {
    fleet,
    region,
    ...(Number.isFinite(lookBackMs) ? { keep: { fromMs: nowMs - lookBackMs, toMs: nowMs } } : {}),
    report: ({ badTimestamps, brokenRows, unknownRows }) => {
      leftOut(io, options.load, { badTimestamps, brokenRows, unknownRows })
    },
  })
  const load = loads.get(region) ?? nothingHeard(nowMs)
  leftOut(io, options.cpu, { badTimestamps: file.badTimestamps, brokenRows: file.brokenRows, unknownRows: 0 })
  if (nowMs > io.nowMs())
    io.err(`The data end at ${moment(nowMs)}, which lies ahead of this machine's clock.\n`)
  return { fleet, region, cpu, load, nowMs, ...(binMs === undefined ? {} : { binMs }) }
}

/** Rows there are, but none of the time that is judged: nobody's load is known then. */
function nothingHeard(nowMs: number): RegionLoad {
  return { startMs: Math.floor(nowMs / MINUTE_MS) * MINUTE_MS, binMs: MINUTE_MS, bins: 0, series: [] }
}

/** The end of the last CPU bin; undefined where there is no sample. */
function endOf(cpu: readonly PoolCpu[], binMs: number | undefined): number | undefined {
  const ends = cpu.flatMap(({ samples }) => {
    const lastMs = samples.timesMs.reduce((last, atMs) => Math.max(last, atMs), Number.NEGATIVE_INFINITY)
    const bin = binMs ?? binMsOf(samples)
    return Number.isFinite(lastMs) ? [(Math.floor(lastMs / bin) + 1) * bin] : []
  })
  return ends.length === 0 ? undefined : Math.max(...ends)
}

function leftOut(
  io: CliIo,
  path: string,
  counts: { readonly badTimestamps: number; readonly brokenRows: number; readonly unknownRows: number },
): void {
  const words = [
    [counts.badTimestamps, 'their time is no ISO 8601 instant'],
    [counts.brokenRows, 'they are broken'],
    [counts.unknownRows, 'the fleet has no such registry or pool there'],
  ] as const
  for (const [count, why] of words) if (count > 0) io.err(`${path}: ${count} rows were left out: ${why}.\n`)
}

function chosenRegion(fleet: Fleet, { region, fleet: path }: RegionFiles): string {
  const names = fleet.regions.map(({ name }) => name)
  const chosen = region ?? (names.length === 1 ? names[0] : undefined)
  if (chosen !== undefined && names.includes(chosen)) return chosen
  throw new CliError(
    `${path} has the regions ${names.join(', ') || '(none)'}; ${region === undefined ? 'name one with --region' : `--region was ${region}`}`,
    EXIT.usage,
  )
}
