import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { ContainerClient } from '@azure/storage-blob'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type AzureChecksParts, createAzureChecks } from '../../../src/adapters/azure/azure-checks.ts'
import { AzureMap } from '../../../src/adapters/azure/azure-map.ts'
import type { Checked } from '../../../src/ports/checks.ts'
import { createTwin } from '../../../src/twin/twin.ts'
import { smallRegion } from '../../support/small-region.ts'
import type { WireAnswer } from './azure-client.ts'
import { type Between, startAzureWorld } from './azure-world.ts'
import { startCosmosServer } from './cosmos-server.ts'

const MINUTE_MS = 60_000
const FORBIDDEN: WireAnswer = {
  status: 403,
  body: { error: { code: 'AuthorizationFailed', message: 'does not have authorization' } },
}

let blobService: Awaited<ReturnType<typeof startBlobService>>
let world: Awaited<ReturnType<typeof startAzureWorld>>
let parts: AzureChecksParts
/** Real answers carry dates, and are what each test lets through. */
let disturbed: Between = (_, next) => next()
let lateMs = 0
let nowMs = 0
beforeAll(async () => {
  blobService = await startBlobService()
  const files = smallRegion()
  nowMs = files.load.startMs + files.load.bins * files.load.binMs
  const clock = { nowMs: () => nowMs + lateMs }
  const twin = createTwin({ files, database: ':memory:', clock: { nowMs: () => nowMs }, seed: 1 })
  const between: Between = async (request, next) => {
    const answer = await disturbed(request, next)
    return { ...answer, headers: { date: new Date(nowMs).toUTCString(), ...answer.headers } }
  }
  world = await startAzureWorld({ twin, fleet: files.fleet, clock, between })
  parts = {
    ...world.parts,
    ports: world.ports,
    blobs: { ...world.parts.blobs, anchors: anchors({ status: 200, headers: IMMUTABLE }) },
  }
})
afterAll(async () => {
  blobService.stop()
  await world.stop()
})

const IMMUTABLE = { 'x-ms-has-immutability-policy': 'true' }

/** A container of anchors whose properties are answered so; of a blob in it, that it is not there. */
function anchors(properties: Properties): ContainerClient {
  answered = properties
  return new ContainerClient(`${blobService.url}/anchors`)
}

interface Properties {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
}

let answered: Properties = { status: 200 }

async function startBlobService() {
  const server = createServer((request, response) => {
    const isContainer = request.url?.includes('restype=container')
    const none = { status: 404, headers: { 'x-ms-error-code': 'BlobNotFound' } }
    const { status, headers } = isContainer ? answered : none
    response.writeHead(status, headers).end()
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, stop: () => server.close() }
}

async function found(
  given: Partial<AzureChecksParts> & { readonly between?: Between } = {},
): Promise<readonly Checked[]> {
  disturbed = given.between ?? ((_, next) => next())
  try {
    return await createAzureChecks({ ...parts, ...given }).run()
  } finally {
    disturbed = (_, next) => next()
  }
}

const wrong = (checks: readonly Checked[]) => checks.filter(({ outcome }) => outcome !== 'holds')
const of = (checks: readonly Checked[], check: string) => checks.find((each) => each.check === check)

test('where all is as it has to be every check holds, and says what it found', async () => {
  const checks = await found()
  expect(wrong(checks)).toEqual([])
  expect(of(checks, 's-a: scale set')?.found).toContain('3 nodes of Standard_D8s_v5')
  expect(of(checks, 'map and fleet')?.found).toMatch(/both name the same \d pools/)
  expect(of(checks, 'routing: profiles')?.found).toContain('8 of 8 profiles')
  expect(of(checks, 'clock')?.found).toBe('0 s behind Azure')
  expect(of(checks, 'identity')?.found).toContain('does not say whose')
})

test.each([
  [/virtualMachineScaleSets\/[^/]+$/, 's-a: scale set', 'virtualMachineScaleSets/read', 'Restamp observer'],
  [/\/virtualMachines$/, 's-a: ready nodes', 'virtualMachines/read', 'Restamp observer'],
  [/\/instanceView$/, 's-a: instance view', 'instanceView/read', 'Restamp observer'],
  [/autoscalesettings/i, 's-a: minimum', 'autoscaleSettings/read', 'Restamp observer'],
  [/rollingUpgrades/, 's-a: rolling upgrades', 'rollingUpgrades/read', 'Restamp observer'],
  [/osUpgradeHistory/, 's-a: upgrade history', 'osUpgradeHistory/read', 'Restamp observer'],
  [/metrics:getBatch/, 's-a/compute: CPU', 'Microsoft.Insights/metrics/read', 'Restamp metric reader'],
  [/\/query$/, 'testland: load query', 'query/TABLE/read', 'Restamp log reader'],
  [/\/query$/, 'testland: residue query', 'query/TABLE/read', 'Restamp log reader'],
  [/trafficmanagerprofiles/i, 'routing: profiles', 'trafficManagerProfiles/read', 'Restamp router'],
  [/ResourceGraph/, 'testland: Resource Graph', 'ResourceGraph/resources/read', 'Restamp event reader'],
])(
  'a 403 at %s is told as the right that is missing and the role that gives it',
  async (path, check, right, role) => {
    const between: Between = async ({ url }, next) => (path.test(new URL(url).pathname) ? FORBIDDEN : next())
    const checks = await found({ between })
    expect(of(checks, check)).toMatchObject({ outcome: 'fix', found: 'the right is missing' })
    expect(of(checks, check)?.todo).toContain(right)
    expect(of(checks, check)?.todo).toContain(role)
  },
)

test('Azure that throttles or does not answer is no missing right', async () => {
  const answers: Record<string, WireAnswer> = {
    's-a: scale set': { status: 429, headers: { 'retry-after': '17' } },
    's-b: minimum': { status: 503 },
  }
  const between: Between = async ({ url }, next) => {
    const { pathname } = new URL(url)
    if (/virtualMachineScaleSets\/s-a\.[^/]+$/.test(pathname)) return answers['s-a: scale set'] ?? next()
    return /autoscalesettings\/s-b/i.test(pathname) ? (answers['s-b: minimum'] ?? next()) : next()
  }
  const checks = await found({ between })
  expect(of(checks, 's-a: scale set')).toMatchObject({ outcome: 'unknown', todo: 'ask again in a minute' })
  expect(of(checks, 's-a: scale set')?.found).toContain('17 s')
  expect(of(checks, 's-b: minimum')?.todo).toContain('can be reached from here')
})

test('signals older than they come late are told with their age, and silence is no health', async () => {
  lateMs = 12 * MINUTE_MS
  const late = await found()
  lateMs = 3 * 60 * MINUTE_MS
  const silent = await found()
  lateMs = 0
  expect(of(late, 's-a/compute: CPU')).toMatchObject({ outcome: 'fix' })
  expect(of(late, 's-a/compute: CPU')?.found).toMatch(/youngest \d+ s old; more than 600 s/)
  expect(of(late, 'testland: load is fresh')?.outcome).toBe('fix')
  expect(of(silent, 's-a/compute: CPU')?.found).toBe('no sample in the last hour')
  expect(of(silent, 'testland: load is fresh')?.found).toBe('no row in the last hour')
  expect(of(late, 'clock')).toMatchObject({ outcome: 'fix', found: '720 s ahead of Azure' })
})

test('a scale set that Resource Graph does not show, and a pool of one side only, are named', async () => {
  const [region, ...others] = parts.map.regions
  const [stamp, ...stamps] = region?.stamps ?? []
  const renamed = { ...stamp, pools: [{ ...stamp?.pools[0], role: 'other', scaleSet: 'vmss-gone' }] }
  const map = AzureMap.parse({
    ...parts.map,
    regions: [{ ...region, stamps: [renamed, ...stamps] }, ...others],
  })
  const checks = await found({ map })
  expect(of(checks, 'testland: Resource Graph')).toMatchObject({ found: 'does not show vmss-gone' })
  expect(of(checks, 'map and fleet')?.found).toContain(
    'only in the map: testland/s-a/other; only in the fleet',
  )
})

test('a query that gives other columns is to be corrected, not granted', async () => {
  const body = { tables: [{ name: 'PrimaryResult', columns: [{ name: 'pool', type: 'string' }], rows: [] }] }
  const between: Between = async ({ url }, next) =>
    new URL(url).pathname.endsWith('/query') ? { status: 200, body } : next()
  const checks = await found({ between })
  expect(of(checks, 'testland: load query')?.found).toContain('lacks timestamp, registry, requests or bytes')
  expect(of(checks, 'testland: residue query')?.todo).toContain('correct the query')
})

test('anchors that can be changed are told; where that may not be read, it is not known', async () => {
  const check = 'blobs: anchors can not be changed'
  const open = await found({ blobs: { ...parts.blobs, anchors: anchors({ status: 200 }) } })
  expect(of(open, check)).toMatchObject({ outcome: 'fix', found: 'no immutability policy' })
  const hidden = await found({ blobs: { ...parts.blobs, anchors: anchors({ status: 403 }) } })
  expect(of(hidden, check)).toMatchObject({ outcome: 'unknown' })
})

test('a container of Cosmos DB that is not there is told by its name', async () => {
  const server = await startCosmosServer()
  const gone = server.clientWith().database('none').container('records')
  const checks = await found({ containers: { ...parts.containers, records: gone } })
  await server.stop()
  expect(of(checks, 'Cosmos DB: records')).toMatchObject({ found: 'there is no container records' })
  expect(of(checks, 'Cosmos DB: audit')?.outcome).toBe('holds')
})

test('whoever is not signed in is told how, and no word of a token is shown', async () => {
  const getToken = () => Promise.reject(new Error('CredentialUnavailableError: run az login\nat somewhere'))
  const out = of(await found({ credential: { getToken } }), 'identity')
  expect(out).toMatchObject({ outcome: 'fix', found: 'no token: CredentialUnavailableError: run az login' })
  const claims = Buffer.from(JSON.stringify({ upn: 'ada@example.com', oid: 'o-1', tid: 't-1' })).toString(
    'base64url',
  )
  const signed = { getToken: async () => ({ token: `h.${claims}.s3cret`, expiresOnTimestamp: 2e12 }) }
  const known = of(await found({ credential: signed }), 'identity')?.found
  expect(known).toBe('ada@example.com, object o-1, tenant t-1')
})
