// Makes a fleet of the Nezha measurements: node examples/nezha-fleet.mjs DATA_DIR OUT_DIR [--day 2023-01-29] [--vcpus 4]
// DATA_DIR holds cpu.csv.gz and workload.csv.gz (see its README for source and licence); they are read in place.
// Nodes become two shared stamps, each workload a registry with its replica on the stamp of its node. The two idlest
// nodes become an isolated, empty stamp; the few workloads on them are left out. Customers, and how many cores a node
// has, are not in the data and are chosen here.
import { createReadStream } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { createGunzip, gzipSync } from 'node:zlib'

const REGION = 'nezha'
const ROLE = 'compute'
const STAMPS = { first: 'nezha-a', second: 'nezha-b', empty: 'nezha-c' }
const SECONDS = 60
const IDLE_NODES = 2
const EXIT_USAGE = 2

/** Who owns what, by the workload's job. The first row that fits is taken; the first owner has the heaviest ones. */
const CUSTOMERS = [
  ['ticketing', /gateway|frontend|ts-order-service|seat|basic-service|currency|ts-train-service|ts-price/],
  ['journeys', /travel|route|train|station|cart|catalog/],
  ['money', /pay|price|voucher|order|checkout|rebook|cancel/],
  ['people', /user|auth|contact|security|verif|avatar|consign|assurance/],
  ['services', /./],
]

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { day: { type: 'string', default: '2023-01-29' }, vcpus: { type: 'string', default: '4' } },
})
const [dataDir, outDir] = positionals
const vcpus = Number(values.vcpus)
if (!dataDir || !outDir || !/^\d{4}-\d\d-\d\d$/.test(values.day) || !(vcpus > 0)) {
  process.stderr.write(
    'usage: node examples/nezha-fleet.mjs DATA_DIR OUT_DIR [--day 2023-01-29] [--vcpus 4]\n',
  )
  process.exit(EXIT_USAGE)
}

const cpu = await rowsOfDay('cpu.csv.gz')
const workloads = await rowsOfDay('workload.csv.gz')
if (cpu.length === 0) {
  process.stderr.write(`${dataDir} has no rows of ${values.day}; it has the days 2022-08-22 and 2023-01-29\n`)
  process.exit(EXIT_USAGE)
}

const sums = new Map()
for (const { node, cpu_percent } of cpu) sums.set(node, (sums.get(node) ?? 0) + Number(cpu_percent))
const idle = [...sums].sort(([, a], [, b]) => a - b).slice(0, IDLE_NODES)
const nodesOf = { [STAMPS.empty]: idle.map(([node]) => node).sort() }
const busy = [...sums.keys()].filter((node) => !nodesOf[STAMPS.empty].includes(node)).sort()
nodesOf[STAMPS.first] = busy.slice(Math.floor(busy.length / 2))
nodesOf[STAMPS.second] = busy.slice(0, Math.floor(busy.length / 2))
const stampOf = (node) => Object.keys(nodesOf).find((stamp) => nodesOf[stamp].includes(node))
const kept = workloads.filter((row) => stampOf(row.node) !== STAMPS.empty)
const homes = new Map(kept.map((row) => [row.workload, stampOf(row.node)]))

await mkdir(outDir, { recursive: true })
await writeFile(join(outDir, 'fleet.json'), `${JSON.stringify(fleet(), null, 2)}\n`)
await writeCsv('node-cpu.csv.gz', [
  'timestamp,region,stamp,pool,node,cpu_percent',
  ...cpu.map((row) => [row.timestamp, REGION, stampOf(row.node), ROLE, row.node, row.cpu_percent].join(',')),
])
await writeCsv('replica-load.csv.gz', [
  'timestamp,region,registry,pool,requests,bytes,cpu_seconds',
  ...kept.map((row) => [row.timestamp, REGION, row.workload, ROLE, ...loadOf(row)].join(',')),
])
process.stderr.write(`${homes.size} registries on ${sums.size} nodes of ${values.day}: ${outDir}\n`)

function fleet() {
  const pool = (count) => ({
    role: ROLE,
    nodes: count,
    minNodes: Math.min(2, count),
    maxNodes: 20,
    vcpusPerNode: vcpus,
  })
  const stamp = (id, kind) => ({ id, kind, state: 'active', pools: [pool(nodesOf[id].length)] })
  const stamps = [
    stamp(STAMPS.first, 'shared'),
    stamp(STAMPS.second, 'shared'),
    stamp(STAMPS.empty, 'isolated'),
  ]
  const registries = [...homes].sort().map(([name, homeStamp]) => ({
    name,
    customer: CUSTOMERS.find(([, pattern]) => pattern.test(name))?.[0],
    replicas: [{ region: REGION, homeStamp }],
  }))
  return { regions: [{ name: REGION, stamps }], registries }
}

/** Sums over the minute: requests of requests a second, CPU seconds of percent of one core. */
function loadOf(row) {
  const bytes = Number(row.rx_bytes) + Number(row.tx_bytes)
  const cpuSeconds = (Number(row.cpu_core_percent) / 100) * SECONDS
  return [Number(row.ops) * SECONDS, bytes, cpuSeconds].map((value) => Number(value.toFixed(4)))
}

async function rowsOfDay(file) {
  const lines = createInterface({ input: createReadStream(join(dataDir, file)).pipe(createGunzip()) })
  const rows = []
  let columns
  for await (const line of lines) {
    const cells = line.split(',')
    if (!columns) columns = cells
    else if (line.startsWith(values.day))
      rows.push(Object.fromEntries(columns.map((name, at) => [name, cells[at]])))
  }
  return rows
}

async function writeCsv(name, lines) {
  await writeFile(join(outDir, name), gzipSync(`${lines.join('\n')}\n`))
}
