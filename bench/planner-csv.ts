import { spawnSync } from 'node:child_process'
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const BYTES = 2 ** 30
const REGISTRIES = 400
const MINUTE_MS = 60_000
const END_MS = Date.UTC(2026, 2, 11)
/** Of a file of its size a plan may hold at most so much in memory, all of Node included. */
const RESIDENT_MAX_MB = 400

/** Makes a plan from 1 GB of load, many days of it, and shows what the process held at most. */
export function csv(): void {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-bench-'))
  try {
    const [fleet, cpu, load] = ['fleet.json', 'cpu.csv', 'load.csv'].map((name) => join(folder, name))
    writeFileSync(fleet ?? '', JSON.stringify(fleetOf()))
    writeFileSync(cpu ?? '', cpuRows())
    const days = writeLoad(load ?? '')
    const { seconds, resident, verdict } = planned(folder, { fleet, cpu, load })
    const size = statSync(load ?? '').size / 2 ** 20
    console.log(
      `a load file of ${size.toFixed(0)} MB (${days.toFixed(1)} days): ${seconds.toFixed(0)} s, at most ${resident} MB resident, at most ${RESIDENT_MAX_MB} wanted; verdict ${verdict}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** Runs `restamp plan` in a process of its own; `resident` is the most memory that it held, MB, all of Node included. */
export function planned(
  folder: string,
  { fleet, cpu, load }: Readonly<Record<'fleet' | 'cpu' | 'load', string | undefined>>,
): { readonly seconds: number; readonly resident: string; readonly verdict: string } {
  const cli = fileURLToPath(new URL('../src/cli/main.ts', import.meta.url))
  const words = ['plan', '--fleet', fleet, '--cpu', cpu, '--load', load, '--json'].map(String)
  const watch = join(folder, 'watch.mjs')
  writeFileSync(
    watch,
    "process.on('exit', () => process.stderr.write('resident ' + Math.round(process.resourceUsage().maxRSS / 1024)))",
  )
  const beganMs = performance.now()
  const run = spawnSync(process.execPath, ['--import', watch, cli, ...words], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return {
    seconds: (performance.now() - beganMs) / 1000,
    resident: /resident (\d+)/.exec(run.stderr)?.[1] ?? '?',
    verdict: /"verdict":\s*"([a-z-]+)"/.exec(run.stdout)?.[1] ?? run.stderr,
  }
}

function fleetOf() {
  const pool = { role: 'registry', nodes: 4, minNodes: 2, maxNodes: 8, vcpusPerNode: 8 }
  return {
    regions: [
      {
        name: 'westeurope',
        stamps: ['weu-0', 'weu-1'].map((id) => ({ id, kind: 'shared', state: 'active', pools: [pool] })),
      },
    ],
    registries: Array.from({ length: REGISTRIES }, (_, at) => ({
      name: `r${at}`,
      customer: `c${at}`,
      replicas: [{ region: 'westeurope', homeStamp: `weu-${at % 2}` }],
    })),
  }
}

function cpuRows(): string {
  const lines = ['timestamp,region,stamp,pool,node,cpu_percent']
  for (let minute = 30 * 60; minute > 0; minute -= 1) {
    const time = new Date(END_MS - minute * MINUTE_MS).toISOString()
    for (const stamp of [0, 1])
      for (let node = 0; node < 4; node += 1)
        lines.push(`${time},westeurope,weu-${stamp},registry,n${node},${stamp === 0 ? 74 + node : 30}`)
  }
  return lines.join('\n')
}

/** Writes minutes backwards from the end until the file is large enough; gives the days. */
function writeLoad(path: string): number {
  const file = openSync(path, 'w')
  let written = writeSync(file, 'timestamp,region,registry,pool,requests,bytes\n')
  let minutes = 0
  while (written < BYTES) {
    const lines: string[] = []
    for (let step = 0; step < 60; step += 1) {
      minutes += 1
      const time = new Date(END_MS - minutes * MINUTE_MS).toISOString()
      for (let at = 0; at < REGISTRIES; at += 1) {
        const requests = Math.round((1000 * (1 + Math.sin(minutes / (20 + at)))) / (1 + at))
        lines.push(`${time},westeurope,r${at},registry,${requests},${requests * 10_000}`)
      }
    }
    written += writeSync(file, `${lines.join('\n')}\n`)
  }
  closeSync(file)
  return minutes / 1440
}
