import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createLocalUsers, LocalIdentity } from '../../src/adapters/local/local-users.ts'
import { SqliteAnchors } from '../../src/adapters/sqlite/sqlite-anchors.ts'
import { SqliteRecords } from '../../src/adapters/sqlite/sqlite-records.ts'
import { createWorkerRehearsal } from '../../src/adapters/worker/worker-rehearsal.ts'
import { registerApp } from '../../src/app.ts'
import { OPEN_POLICY } from '../../src/domain/policy.ts'
import { collectRegistrations } from '../../src/host/functions-core.ts'
import { createTwin } from '../../src/twin/twin.ts'
import { KeptNotifications } from '../support/kept-notifications.ts'
import { madePlan } from '../support/run-steps.ts'
import { smallRegion } from '../support/small-region.ts'
import { startTestApp } from '../support/test-app.ts'
import { readZip } from './read-zip.ts'
import { AZURE_SETTINGS, loadInWorker, TELEMETRY_SETTINGS } from './run-worker.ts'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))
/** What takes a second to load, or tens of megabytes: only the activities that need it may load it, when they do. */
const HEAVY = /node_modules\/(@azure\/(arm-|monitor-)|@opentelemetry\/(?!api\/)|@grpc\/|applicationinsights)/
const MEGABYTES_MAX = 10
const PACKED_WITHIN_MS = 60_000

const at = mkdtempSync(join(tmpdir(), 'restamp-package-'))
const packed = join(at, 'made')
const unpacked = join(at, 'unpacked')
let files = new Map<string, Buffer>()

function pack(...args: readonly string[]) {
  return spawnSync(process.execPath, ['scripts/package.mjs', '--out', packed, ...args], {
    encoding: 'utf8',
    cwd: ROOT,
  })
}

beforeAll(() => {
  const { status, stderr } = pack()
  if (status !== 0) throw new Error(stderr)
  files = readZip(readFileSync(`${packed}.zip`))
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(unpacked, name)), { recursive: true })
    writeFileSync(join(unpacked, name), bytes)
  }
}, PACKED_WITHIN_MS)
afterAll(() => rmSync(at, { recursive: true, force: true }))

test('the package holds what runs, the page, the map and licences, and nothing else', () => {
  const known =
    /^(main|rehearsal)\.js(\.map)?$|^chunks\/[\w.-]+\.js(\.map)?$|^dashboard\/|^(host|package|azure-map)\.json$|^LICENSE$|^THIRD-PARTY\.txt$/
  expect([...files.keys()].filter((name) => !known.test(name))).toEqual([])
  expect([...files.keys()]).toEqual(
    expect.arrayContaining(['main.js', 'rehearsal.js', 'host.json', 'dashboard/index.html']),
  )
  expect(files.get('host.json')?.equals(readFileSync(join(ROOT, 'host.json')))).toBe(true)
  expect(readFileSync(`${packed}.zip`).length).toBeLessThan(MEGABYTES_MAX * 1e6)
})

test('no file of it comes from tests, benches or development tools', () => {
  const maps = [...files].filter(([name]) => name.endsWith('.js.map') && !name.startsWith('dashboard/'))
  const sources = maps.flatMap(([, bytes]): string[] => JSON.parse(bytes.toString('utf8')).sources)
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'))
  const tools = Object.keys(devDependencies).filter((name) => !name.startsWith('@azure/'))
  expect(sources.length).toBeGreaterThan(100)
  expect(
    sources.filter(
      (path) =>
        /(^|\/)(test|bench|scripts|examples)\//.test(path.replace(/.*node_modules\//, 'node_modules/')) &&
        !path.includes('node_modules/'),
    ),
  ).toEqual([])
  expect(tools.filter((name) => sources.some((path) => path.includes(`node_modules/${name}/`)))).toEqual([])
})

test('loaded as the Functions worker does, it registers the very functions of the embedded host', async () => {
  const { functions } = loadInWorker(join(unpacked, 'main.js'))
  const twin = createTwin({ files: smallRegion(), database: ':memory:', clock: { nowMs: Date.now }, seed: 1 })
  const registered = await collectRegistrations(
    () =>
      registerApp({
        ports: { ...twin, records: new SqliteRecords(':memory:'), clock: { nowMs: Date.now } },
        identity: new LocalIdentity(createLocalUsers()),
        policies: { '*': OPEN_POLICY },
        provisioning: twin.provisioning,
        rehearse: () => Promise.reject(new Error('not asked for')),
        pages: { read: async () => undefined },
        anchors: new SqliteAnchors(':memory:'),
        notifications: new KeptNotifications(),
      }),
    () => {},
  )
  const names = registered.functions.map(({ metadata }) => metadata.name)
  expect(functions.map(({ name }) => name).toSorted()).toEqual(names.toSorted())
  await expect(
    `${functions
      .map(({ name, trigger }) => `${trigger} ${name}`)
      .toSorted()
      .join('\n')}\n`,
  ).toMatchFileSnapshot('functions.txt')
})

test("over a deployment's settings it registers the same functions, and asks nobody for anything", () => {
  const main = join(unpacked, 'main.js')
  const { functions, loaded } = loadInWorker(main, { until: 'look', env: AZURE_SETTINGS })
  expect(functions).toEqual(loadInWorker(main).functions)
  expect([...files.keys()].filter((name) => /chunks\/open-azure/.test(name))).not.toEqual([])
  expect(loaded.filter((url) => /chunks\/open-azure/.test(url))).toEqual([])
})

test('in its first second it loads no ARM and no telemetry package', () => {
  const { loaded, importMs } = loadInWorker(join(unpacked, 'main.js'), {
    until: 'look',
    env: { ...AZURE_SETTINGS, ...TELEMETRY_SETTINGS },
  })
  expect(importMs).toBeLessThan(10_000)
  const own = loaded.map((url) => fileURLToPath(url)).filter((path) => path.startsWith(unpacked))
  expect(own).toContain(join(unpacked, 'main.js'))
  const inside = own.flatMap((path) => {
    const map = files.get(`${path.slice(unpacked.length + 1)}.map`)
    const sources: string[] = map ? JSON.parse(map.toString('utf8')).sources : []
    return sources.filter((source) => HEAVY.test(source))
  })
  expect(inside).toEqual([])
})

test('a little later telemetry is there, from the package alone', () => {
  const env = { ...AZURE_SETTINGS, ...TELEMETRY_SETTINGS }
  const { loaded, stderr } = loadInWorker(join(unpacked, 'main.js'), { until: 'later', env })
  expect(loaded.filter((url) => /chunks\/azure-monitor-/.test(url))).toHaveLength(1)
  expect(stderr).toBe('')
})

test('the clients of Azure load from the package alone, once somebody asks for them', () => {
  const chunk = [...files.keys()].find((name) => /^chunks\/open-azure-[\w-]+\.js$/.test(name))
  const { loaded, functions } = loadInWorker(join(unpacked, chunk ?? 'no chunk opens Azure'))
  expect(functions).toEqual([])
  const sources = loaded.flatMap((url): string[] => {
    const map = files.get(`${fileURLToPath(url).slice(unpacked.length + 1)}.map`)
    return map ? JSON.parse(map.toString('utf8')).sources : []
  })
  expect(sources.some((source) => HEAVY.test(source))).toBe(true)
})

test('its rehearsal runs in a thread of its own, from the package alone', async () => {
  const rehearse = createWorkerRehearsal(pathToFileURL(join(unpacked, 'rehearsal.js')))
  const app = await startTestApp({ rehearse })
  try {
    const { plan, rehearsal } = await madePlan(app)
    expect(rehearsal).toMatchObject({
      words: expect.stringContaining('moves landed'),
      status: 'passed',
      movesDone: plan.moves.length,
    })
  } finally {
    await app.stop()
  }
})

test('the same sources make the same zip, and a map that is not there is refused by name', () => {
  const before = readFileSync(`${packed}.zip`)
  expect(pack().status).toBe(0)
  expect(readFileSync(`${packed}.zip`).equals(before)).toBe(true)
  const { status, stderr } = pack('--map', 'nowhere.json')
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'nowhere.json is not there; name another file with --map.\n',
  })
  const operator = join(ROOT, 'infra', 'stamp-template', 'operator.json')
  const unfilled = pack('--template', operator)
  expect(unfilled.status).toBe(2)
  expect(unfilled.stderr).toContain('holds values marked "? fill in"')
})
