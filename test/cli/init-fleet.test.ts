import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { type CatalogContainers, CosmosCatalog } from '../../src/adapters/azure/cosmos-catalog.ts'
import { createInitCommand } from '../../src/cli/init.ts'
import { Fleet } from '../../src/domain/fleet.ts'
import { replicaId, StampId } from '../../src/domain/ids.ts'
import { openOnboarding } from '../../src/onboard.ts'
import { anyCredential } from '../adapters/azure/azure-client.ts'
import { startCosmosServer } from '../adapters/azure/cosmos-server.ts'
import { runCommand } from './run-cli.ts'

let server: Awaited<ReturnType<typeof startCosmosServer>>
let containers: CatalogContainers
let folder: string
beforeAll(async () => {
  server = await startCosmosServer()
})
afterAll(() => server.stop())
beforeEach(async () => {
  containers = (await server.catalogContainers()).containers
  folder = mkdtempSync(join(tmpdir(), 'restamp-init-fleet-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function aFleet(stamps: readonly string[], home: string): Fleet {
  const pool = { role: 'registry', nodes: 4, minNodes: 2, maxNodes: 8, vcpusPerNode: 8 }
  return Fleet.parse({
    regions: [
      {
        name: 'westeurope',
        stamps: stamps.map((id) => ({ id, kind: 'shared', state: 'active', pools: [pool] })),
      },
    ],
    registries: [{ name: 'web', customer: 'contoso', replicas: [{ region: 'westeurope', homeStamp: home }] }],
  })
}

function enter(fleet: Fleet, ...args: string[]) {
  const path = join(folder, 'fleet.json')
  writeFileSync(path, JSON.stringify(fleet))
  const open = async () => openOnboarding({ credential: anyCredential, containersAt: () => containers })
  const where = ['fleet', path, '--endpoint', 'https://records.example']
  return runCommand((io) => createInitCommand(io, open), [...where, ...args])
}

const confirmationIn = (out: string) => /--confirm (\S+)/.exec(out)?.[1] ?? ''
const catalog = () => new CosmosCatalog(containers, async () => () => undefined)

async function entered(fleet: Fleet) {
  return enter(fleet, '--confirm', confirmationIn((await enter(fleet)).out))
}

test('a fleet is shown first and entered once what was shown is confirmed', async () => {
  const fleet = aFleet(['weu-01', 'weu-02'], 'weu-01')
  const shown = await enter(fleet)
  expect(shown.out).toMatch(/stamps that are new +2 +weu-01, weu-02/)
  expect(shown.out).toMatch(/replicas that get their first binding +1 +web@westeurope/)
  expect((await catalog().fleet()).regions).toEqual([])
  const done = await enter(fleet, '--confirm', confirmationIn(shown.out))
  expect(done.out).toContain('Entered in https://records.example')
  expect(await catalog().fleet()).toEqual(fleet)
})

test('a confirmation of another file, or of another state, enters nothing', async () => {
  const { out } = await enter(aFleet(['weu-01'], 'weu-01'))
  const other = await enter(aFleet(['weu-01', 'weu-02'], 'weu-01'), '--confirm', confirmationIn(out))
  expect(other).toMatchObject({ exitCode: 1, out: '' })
  expect(other.err).toContain('nothing was entered')
  await entered(aFleet(['weu-01', 'weu-03'], 'weu-03'))
  expect((await enter(aFleet(['weu-01'], 'weu-01'), '--confirm', confirmationIn(out))).exitCode).toBe(1)
  expect((await catalog().fleet()).regions[0]?.stamps).toHaveLength(2)
})

test('a binding that moved since stays where it is, and is shown', async () => {
  const fleet = aFleet(['weu-01', 'weu-02'], 'weu-01')
  await entered(fleet)
  const replica = replicaId('web', 'westeurope')
  await catalog().rebind({ replica, to: StampId.parse('weu-02'), expectedEpoch: 1, moveKey: 'k' })
  const again = await enter(fleet)
  expect(again.out).toMatch(/replicas bound elsewhere, which stay +1 +web@westeurope: weu-02, not weu-01/)
  expect(again.out).toMatch(/stamps that change +0/)
  await enter(fleet, '--confirm', confirmationIn(again.out))
  expect(await catalog().binding(replica)).toMatchObject({ homeStamp: 'weu-02', epoch: 2 })
})

test('a stamp that replicas are bound to can not be taken out by leaving it away', async () => {
  await entered(aFleet(['weu-01', 'weu-02'], 'weu-02'))
  const { err, exitCode } = await enter(aFleet(['weu-01'], 'weu-01'))
  expect(exitCode).toBe(1)
  expect(err).toContain('weu-02 would be taken out, and 1 replicas are bound to it')
  const empty = await enter(aFleet(['weu-02'], 'weu-02'))
  expect(empty.out).toMatch(/stamps that are taken out +1 +weu-01/)
})

test('a fleet that is still to be filled in is refused before anything is asked', async () => {
  const path = join(folder, 'fleet.json')
  const text = JSON.stringify(aFleet(['weu-01'], 'weu-01')).replace('"contoso"', '"? fill in: whose it is"')
  writeFileSync(path, text)
  const open = () => Promise.reject(new Error('asked'))
  const args = ['fleet', path, '--endpoint', 'https://records.example']
  const { err, exitCode } = await runCommand((io) => createInitCommand(io, open), args)
  expect([exitCode, err.includes('registries[0].customer')]).toEqual([2, true])
  const nowhere = await runCommand((io) => createInitCommand(io, open), ['fleet', path])
  expect(nowhere.err).toContain('COSMOS_ENDPOINT')
})
