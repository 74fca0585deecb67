import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { AzureMap } from '../../src/adapters/azure/azure-map.ts'
import { createInitCommand } from '../../src/cli/init.ts'
import { Fleet, fleetProblems } from '../../src/domain/fleet.ts'
import { openOnboarding } from '../../src/onboard.ts'
import { anyCredential } from '../adapters/azure/azure-client.ts'
import {
  aProfile,
  aScaleSet,
  aSetting,
  aWorkspace,
  discoveredAzure,
  SUBSCRIPTIONS,
  WORKSPACE,
  wholeRegion,
} from '../adapters/azure/discovered-azure.ts'
import { LOAD_QUERY } from '../adapters/azure/logs-server.ts'
import { RESIDUE_QUERY } from '../adapters/azure/residue-server.ts'
import { type Ended, runCommand } from './run-cli.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'restamp-init-'))
  writeFileSync(join(folder, 'load.kql'), `${LOAD_QUERY}\n`)
  writeFileSync(join(folder, 'residue.kql'), RESIDUE_QUERY)
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const at = (name: string) => join(folder, name)
const jsonIn = (name: string): unknown => JSON.parse(readFileSync(at(name), 'utf8'))

const WHOLE = [...['--profile', 'tm-{registry}.{region}', '--endpoint', '{registry}.registry.example']]

function init(azure: ReturnType<typeof discoveredAzure>, ...args: string[]): Promise<Ended> {
  const open = async () => openOnboarding({ credential: anyCredential, httpClient: azure.httpClient })
  const where = SUBSCRIPTIONS.flatMap((id) => ['--subscription', id])
  const files = ['--map', at('azure-map.json'), '--fleet', at('fleet.json')]
  const queries = ['--load-query', at('load.kql'), '--residue-query', at('residue.kql')]
  return runCommand((io) => createInitCommand(io, open), [...where, ...files, ...queries, ...args])
}

test('a region that is tagged becomes a mapping and a fleet that both can be used as they are', async () => {
  const azure = discoveredAzure({ rowsAPage: 3 })
  const { out, exitCode, err } = await init(azure, ...WHOLE)
  expect([exitCode, err]).toEqual([0, ''])
  const map = AzureMap.parse(jsonIn('azure-map.json'))
  const [region] = map.regions
  expect(region).toMatchObject({ name: 'west-europe', location: 'westeurope', provisioning: null })
  expect(region?.logs).toMatchObject({ workspaceId: WORKSPACE, loadQuery: LOAD_QUERY })
  expect(region?.stamps[1]).toEqual({
    ...{ stamp: 'weu-02', subscriptionId: SUBSCRIPTIONS[1], resourceGroup: 'rg-weu-02' },
    host: 'weu-02.stamps.example',
    pools: ['dataproxy', 'registry'].map((role) => ({
      ...{ role, scaleSet: `vmss-weu-02-${role}`, autoscaleSetting: `scale-vmss-weu-02-${role}` },
    })),
  })
  expect(map.routing).toMatchObject({ resourceGroup: 'rg-routing', profile: 'tm-{registry}.{region}' })
  const fleet = Fleet.parse(jsonIn('fleet.json'))
  expect(fleetProblems(fleet)).toEqual([])
  // The lowest of all profiles counts: a schedule may make any of them hold.
  expect(fleet.regions[0]?.stamps[0]?.pools[1]).toMatchObject({
    ...{ role: 'registry', nodes: 4, minNodes: 2, maxNodes: 10, vcpusPerNode: 8 },
  })
  expect(fleet.registries.map(({ name, replicas }) => [name, replicas[0]?.homeStamp])).toEqual([
    ['api', 'weu-01'],
    ['web', 'weu-02'],
  ])
  expect(out).toContain('load of west-europe     fits')
  // Rows came three a page: four scale sets are two pages.
  expect(azure.graph.queries.filter((query) => query.includes('virtualmachinescalesets'))).toHaveLength(2)
})

test('what can not be found out is marked, told with what to do, and refused by both schemas', async () => {
  const pool = { stamp: 'weu-01', role: 'registry' }
  const azure = discoveredAzure({
    scaleSets: [
      aScaleSet({ ...pool, tags: { 'restamp-stamp': 'weu-01', 'restamp-pool': 'registry' } }),
      aScaleSet({ stamp: 'x', role: 'y', tags: null }),
    ],
    settings: [],
    workspaces: [aWorkspace('log-a'), aWorkspace('log-b')],
    skus: { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
  })
  const { out, exitCode } = await init(azure)
  expect(exitCode).toBe(1)
  for (const words of [
    "1 of 2 are no stamp's, and left out",
    'weu-01/registry',
    'no autoscale setting',
    'vCPUs of Standard_D8s_v5 are not known',
    'several workspaces: log-a (rg-logs), log-b (rg-logs)',
    'give --profile',
    'no host of its front end',
    'give the identity that asks the role Reader on it',
  ])
    expect(out).toContain(words)
  expect(AzureMap.safeParse(jsonIn('azure-map.json')).success).toBe(false)
  const refused = Fleet.safeParse(jsonIn('fleet.json'))
  expect(refused.error?.issues.map(({ path }) => path.at(-1))).toEqual([
    ...['minNodes', 'maxNodes', 'vcpusPerNode'],
  ])
})

test('each mark alone makes the mapping one that is refused', async () => {
  await init(discoveredAzure(), ...WHOLE)
  const whole = JSON.stringify(jsonIn('azure-map.json'))
  expect(AzureMap.safeParse(JSON.parse(whole)).success).toBe(true)
  for (const value of [WORKSPACE, LOAD_QUERY, RESIDUE_QUERY, 'weu-01.stamps.example', 'rg-routing'])
    expect(AzureMap.safeParse(JSON.parse(whole.replace(`"${value}"`, '"? fill in: this"'))).success).toBe(
      false,
    )
})

test('names serve where there are no tags, and a stamp of two groups is left out and told of', async () => {
  const named = (stamp: string, role: string, group?: string) => ({
    ...{ stamp, role, tags: null },
    ...(group ? { group } : {}),
  })
  const pools = [
    named('weu-01', 'registry'),
    named('weu-02', 'registry'),
    named('weu-02', 'dataproxy', 'rg-elsewhere'),
  ]
  const azure = discoveredAzure({ scaleSets: pools.map(aScaleSet), settings: pools.map(aSetting) })
  const { out } = await init(azure, '--name-pattern', 'vmss-{stamp}-{pool}', '--host', '{stamp}.example.com')
  expect(jsonIn('azure-map.json')).toMatchObject({
    regions: [{ name: 'westeurope', stamps: [{ stamp: 'weu-01', host: 'weu-01.example.com' }] }],
  })
  expect(out).toMatch(/weu-02 +its pools lie in .*rg-weu-02 and .*rg-elsewhere; expected one group/)
})

test("a registry that two stamps serve, or that is nobody's, is left for a person to say", async () => {
  const profiles = [aProfile('tm-web.west-europe', ['weu-01', 'weu-02'])]
  const { out, exitCode } = await init(discoveredAzure({ profiles }), ...WHOLE)
  expect(exitCode).toBe(1)
  expect(out).toContain('not known for 1, such as tm-web.west-europe')
  expect(Fleet.safeParse(jsonIn('fleet.json')).error?.issues).toHaveLength(2)
})

test("a query that lacks a column is told by the column's name", async () => {
  const logs = { load: ['timestamp', 'registry', 'requests'], residue: ['logsUntil', 'inFlight'] }
  const { out, exitCode } = await init(discoveredAzure({ logs }), ...WHOLE)
  expect(exitCode).toBe(1)
  expect(out).toMatch(/load of west-europe +wrong +lacks pool; it gives timestamp, registry, requests/)
  expect(out).toMatch(/residue of west-europe +wrong +lacks lastRequest, openUploads, stragglers/)
  const rows = await init(discoveredAzure({ logs: { residueRows: 0 } }), ...WHOLE, '--force')
  expect(rows.out).toContain('gives 0 rows; expected one')
})

test('nothing is written over, but for an empty mapping, unless it is said so; a dry run writes nothing', async () => {
  writeFileSync(at('azure-map.json'), '{\n  "regions": [],\n  "routing": null\n}\n')
  expect((await init(discoveredAzure(), ...WHOLE, '--dry-run')).out).toContain('Nothing was written.')
  expect(jsonIn('azure-map.json')).toEqual({ regions: [], routing: null })
  expect((await init(discoveredAzure(), ...WHOLE)).exitCode).toBe(0)
  const again = await init(discoveredAzure(wholeRegion()), ...WHOLE)
  expect(again).toMatchObject({ exitCode: 2, out: '' })
  expect(again.err).toContain('azure-map.json is there already')
  expect((await init(discoveredAzure(), ...WHOLE, '--force')).exitCode).toBe(0)
})

test('as JSON it says what was found, what is to be done and what was written', async () => {
  const { out, exitCode } = await init(discoveredAzure({ settings: [] }), ...WHOLE, '--json', '--dry-run')
  expect(exitCode).toBe(1)
  const document = JSON.parse(out)
  expect(document.undecided).toHaveLength(4)
  expect(document.written).toEqual([])
  expect(document.queries.map(({ outcome }: { outcome: string }) => outcome)).toEqual(['fits', 'fits'])
})

test('pages that do not add up to all rows are no answer', async () => {
  const azure = discoveredAzure()
  azure.graph.faults.push(() => ({
    status: 200,
    body: { totalRecords: 9, count: 0, resultTruncated: 'true', facets: [], data: [] },
  }))
  const { err, exitCode } = await init(azure, ...WHOLE)
  expect(exitCode).toBe(3)
  expect(err).toContain('answered with 0 rows of 9')
})
