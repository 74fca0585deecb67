import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { z } from 'zod'
import { AZURE_SETTINGS, loadInWorker, type Said } from '../test/package/run-worker.ts'

// What the app costs at a cold start: one bundle against compiled files with production node_modules, in processes of their
// own that take turns, loaded as the Functions worker loads an app.
const ROUNDS = 9
const ROOT = fileURLToPath(new URL('..', import.meta.url))
const Lock = z.object({ packages: z.record(z.string(), z.object({ dev: z.boolean().optional() })) })

const folder = mkdtempSync(join(tmpdir(), 'restamp-bench-package-'))
const made = join(folder, 'made')
const packing = spawnSync(process.execPath, [join(ROOT, 'scripts', 'package.mjs'), '--out', made], {
  encoding: 'utf8',
})
if (packing.status !== 0) throw new Error(packing.stderr)

const lock = Lock.parse(JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')))
const production = Object.entries(lock.packages)
  .filter(
    ([path, { dev }]) =>
      path.startsWith('node_modules/') && !dev && !path.slice(13).includes('node_modules/'),
  )
  .map(([path]) => join(ROOT, path))
const clients = readdirSync(join(made, 'chunks')).find((file) => /^open-azure.*\.js$/.test(file)) ?? ''
const kinds = [
  { name: 'one bundle', entry: join(made, 'main.js'), on: [made], map: 'azure-map.json' },
  {
    name: 'and its clients of Azure, at the first call',
    entry: join(made, 'chunks', clients),
    on: [made],
    map: '',
  },
  {
    name: 'files and node_modules',
    entry: join(ROOT, 'dist', 'main.js'),
    on: [join(ROOT, 'dist'), ...production],
    map: '../infra/azure-map.json',
  },
]

const starts = new Map<string, Said[]>(kinds.map(({ name }) => [name, []]))
for (let round = 0; round < ROUNDS; round += 1)
  for (const { name, entry, map } of kinds) {
    const env = { ...AZURE_SETTINGS, RESTAMP_MAP: map }
    starts.get(name)?.push(loadInWorker(entry, { env }))
  }

process.stdout.write(`zip: ${(statSync(`${made}.zip`).size / 1e6).toFixed(2)} MB\n`)
process.stdout.write(
  '| loaded as | files on disk | MB on disk | files loaded | functions | import, median ms | least | greatest | RSS MB |\n',
)
process.stdout.write('| --- | --- | --- | --- | --- | --- | --- | --- | --- |\n')
for (const { name, on } of kinds) {
  const said = starts.get(name) ?? []
  const times = said.map(({ importMs }) => importMs).toSorted((a, b) => a - b)
  const disk = on.filter((path) => existsSync(path)).map(sizeOf)
  const last = said.at(-1)
  const cells = [
    name,
    sum(disk.map(({ files }) => files)),
    (sum(disk.map(({ bytes }) => bytes)) / 1e6).toFixed(1),
    // The stand-in itself is the first of them.
    last ? last.loaded.length : 0,
    last?.functions.length ?? 0,
    ...[times[Math.floor(times.length / 2)], times[0], times.at(-1)].map((ms) => (ms ?? 0).toFixed(0)),
    ((last?.rssBytes ?? 0) / 1e6).toFixed(0),
  ]
  process.stdout.write(`| ${cells.join(' | ')} |\n`)
}
rmSync(folder, { recursive: true, force: true })

function sizeOf(path: string): { readonly files: number; readonly bytes: number } {
  const files = readdirSync(path, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile())
  return {
    files: files.length,
    bytes: sum(files.map((entry) => statSync(join(entry.parentPath, entry.name)).size)),
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0)
}
