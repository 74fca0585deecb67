import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeFileSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { planned } from './planner-csv.ts'

const STAMPS = 100
const REPLICAS = 100_000
const LOADED = 10_000
/** Minutes in which a replica of the tail has a row. */
const TAIL_ROWS = 3
const NODES = 6
const MINUTES = 30 * 60
const MINUTE_MS = 60_000
const END_MS = Date.UTC(2026, 2, 11)
const time = (minute: number) => new Date(END_MS - (MINUTES - minute) * MINUTE_MS).toISOString()
const stampAt = (at: number) => `weu-${String(at % STAMPS).padStart(3, '0')}`

/** Makes a plan from files of a whole region: a tenth of its replicas has a row each minute, the tail has a few all day. */
export function region(): void {
  const folder = mkdtempSync(join(tmpdir(), 'restamp-bench-'))
  try {
    const files = {
      fleet: join(folder, 'fleet.json'),
      cpu: join(folder, 'cpu.csv'),
      load: join(folder, 'load.csv'),
    }
    writeFileSync(files.fleet, JSON.stringify(fleetOf()))
    writeMinutes(files.cpu, 'timestamp,stamp,pool,node,cpu_percent', cpuAt)
    writeMinutes(files.load, 'timestamp,registry,pool,requests,bytes', loadAt)
    const { seconds, resident, verdict } = planned(folder, files)
    const size = statSync(files.load).size / 2 ** 20
    console.log(
      `${STAMPS} stamps, ${REPLICAS} replicas, ${LOADED} of them with a row each minute of 30 h, ${size.toFixed(0)} MB of load: ${seconds.toFixed(0)} s, at most ${resident} MB resident; verdict ${verdict}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function fleetOf() {
  const pool = { role: 'registry', nodes: NODES, minNodes: 4, maxNodes: 12, vcpusPerNode: 8 }
  return {
    regions: [
      {
        name: 'westeurope',
        stamps: Array.from({ length: STAMPS }, (_, at) => ({
          ...{ id: stampAt(at), kind: 'shared', state: 'active', pools: [pool] },
        })),
      },
    ],
    registries: Array.from({ length: REPLICAS }, (_, at) => ({
      name: `r${at}`,
      customer: `c${Math.floor(at / 4)}`,
      replicas: [{ region: 'westeurope', homeStamp: stampAt(at) }],
    })),
  }
}

function writeMinutes(path: string, header: string, rowsAt: (minute: number) => string[]): void {
  const file = openSync(path, 'w')
  writeSync(file, `${header}\n`)
  for (let minute = 0; minute < MINUTES; minute += 1) writeSync(file, `${rowsAt(minute).join('\n')}\n`)
  closeSync(file)
}

/** Every sixth stamp is hot. */
function cpuAt(minute: number): string[] {
  const at = time(minute)
  const rhythm = 1 + 0.2 * Math.sin(minute / 230)
  return Array.from({ length: STAMPS * NODES }, (_, row) => {
    const [stamp, node] = [Math.floor(row / NODES), row % NODES]
    const percent = (stamp % 6 === 0 ? 76 : 35) * (node === 0 ? 1 : 0.8) * rhythm
    return `${at},${stampAt(stamp)},registry,n${node},${percent.toFixed(1)}`
  })
}

function loadAt(minute: number): string[] {
  const at = time(minute)
  const rhythm = 1 + 0.2 * Math.sin(minute / 230)
  const rows: string[] = []
  for (let replica = 0; replica < LOADED; replica += 1) {
    const weight = 10 ** (((replica * 7919) % 997) / 500)
    const requests = Math.round(weight * (rhythm + 0.1 * Math.sin(minute * ((replica % 13) + 1))))
    rows.push(`${at},r${replica},registry,${requests},${requests * 9973}`)
  }
  for (let replica = LOADED; replica < REPLICAS; replica += 1)
    if ((replica * 31 + minute * 17) % MINUTES < TAIL_ROWS) rows.push(`${at},r${replica},registry,1,2000`)
  return rows
}
