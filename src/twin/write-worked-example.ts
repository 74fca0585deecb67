import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import type { RegionLoad } from '../domain/series.ts'
import type { TwinFiles } from './twin-files.ts'
import { workedExample } from './worked-example.ts'

/** Little is gained by more, and the files are written while somebody waits. */
const GZIP_LEVEL = 4

/** The design's defaults for what the example shows, spelled out so that they can be played with; open at all hours. */
const POLICY = {
  '*': { hotPercent: 70, targetPercent: 60, dominance: 50, windows: [{ from: '00:00', to: '24:00' }] },
}

export interface WorkedExamplePaths {
  readonly fleet: string
  readonly cpu: string
  readonly load: string
  readonly policy: string
}

/** Writes fleet.json, node-cpu.csv.gz, replica-load.csv.gz and policy.json; each is there whole or not at all. */
export async function writeWorkedExample(
  folder: string,
  options: { readonly seed: number; readonly metered: boolean },
): Promise<WorkedExamplePaths> {
  const files = workedExample(options)
  const paths = {
    fleet: join(folder, 'fleet.json'),
    cpu: join(folder, 'node-cpu.csv.gz'),
    load: join(folder, 'replica-load.csv.gz'),
    policy: join(folder, 'policy.json'),
  }
  const zip = promisify(gzip)
  await mkdir(folder, { recursive: true })
  await Promise.all([
    writeWhole(paths.fleet, `${JSON.stringify(files.fleet, null, 2)}\n`),
    writeWhole(paths.policy, `${JSON.stringify(POLICY, null, 2)}\n`),
    zip(cpuCsv(files), { level: GZIP_LEVEL }).then((data) => writeWhole(paths.cpu, data)),
    zip(loadCsv(files), { level: GZIP_LEVEL }).then((data) => writeWhole(paths.load, data)),
  ])
  return paths
}

async function writeWhole(path: string, data: string | Uint8Array): Promise<void> {
  await writeFile(`${path}.new`, data)
  await rename(`${path}.new`, path)
}

function cpuCsv(files: TwinFiles): string {
  const lines = ['timestamp,region,stamp,pool,node,cpu_percent']
  for (const { region, stamp, role, samples } of files.cpu) {
    let time = ''
    let writtenMs = Number.NaN
    for (const [at, timeMs] of samples.timesMs.entries()) {
      if (timeMs !== writtenMs) time = instant(timeMs)
      writtenMs = timeMs
      const node = samples.nodes[samples.nodeAt[at] ?? 0]
      lines.push(`${time},${region},${stamp},${role},${node},${samples.cpuPercent[at]}`)
    }
  }
  return `${lines.join('\n')}\n`
}

/** Rows in order of time; a minute without traffic has none. */
function loadCsv({ region, load }: TwinFiles): string {
  const isMetered = load.series.some((series) => series.cpuSeconds !== null)
  const columns = [
    'requests',
    'bytes',
    'throttled',
    'errors',
    'inFlight',
    ...(isMetered ? ['cpuSeconds'] : []),
  ]
  const lines = [`timestamp,region,registry,pool,${columns.map(columnName).join(',')}`]
  for (let bin = 0; bin < load.bins; bin++) addLoadRows(lines, { region, load, bin, isMetered })
  return `${lines.join('\n')}\n`
}

function addLoadRows(
  lines: string[],
  row: {
    readonly region: string
    readonly load: RegionLoad
    readonly bin: number
    readonly isMetered: boolean
  },
): void {
  const { region, load, bin, isMetered } = row
  const time = instant(load.startMs + bin * load.binMs)
  for (const { registry, role, requests, bytes, throttled, errors, inFlight, cpuSeconds } of load.series) {
    const values = [requests?.[bin], bytes?.[bin], throttled?.[bin], errors?.[bin], inFlight?.[bin]]
    if (values.every((value) => value === 0)) continue
    const metered = isMetered ? `,${cpuSeconds?.[bin] ?? ''}` : ''
    lines.push(`${time},${region},${registry},${role},${values.join(',')}${metered}`)
  }
}

/** `inFlight` is `in_flight` in a file. */
function columnName(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function instant(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`
}
