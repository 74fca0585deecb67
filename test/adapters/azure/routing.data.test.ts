import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createPipelineRequest } from '@azure/core-rest-pipeline'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { describe, expect, it, test } from 'vitest'
import { createAzureTraffic } from '../../../src/adapters/azure/azure-traffic.ts'
import { createLogsResidue } from '../../../src/adapters/azure/logs-residue.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { anyCredential, type WireAnswer, wire } from './azure-client.ts'
import { anAzureMap, stampsOf } from './azure-region.ts'
import { trafficManagerServer } from './traffic-manager-server.ts'

const folder = resolve(import.meta.dirname, '../../../../shared/wire')
const isThere = existsSync(folder)
if (!isThere) console.warn(`Wire payloads of routing and logs SKIPPED: ${folder} is not there.`)

const fromFile = (name: string) => JSON.parse(readFileSync(join(folder, name), 'utf8'))
const clock = { nowMs: () => Date.UTC(2026, 10, 1) }

interface Entry {
  readonly RequestMethod: string
  readonly RequestUri: string
  readonly ResponseBody: { readonly type?: string } | null
}

const recorded = (type: string): object =>
  fromFile('routing/recorded-profile-and-endpoint.json').Entries.find(
    ({ RequestMethod, ResponseBody }: Entry) => RequestMethod === 'GET' && ResponseBody?.type?.endsWith(type),
  ).ResponseBody

/** What there is at which path, and of which kind: null is a kind of its own. */
function shape(value: unknown, path = ''): string[] {
  if (Array.isArray(value)) return [...new Set(value.flatMap((each) => shape(each, `${path}[]`)))]
  if (typeof value !== 'object' || value === null)
    return [`${path}: ${value === null ? 'null' : typeof value}`]
  const inside = Object.entries(value).flatMap(([key, each]) => shape(each, `${path}.${key}`))
  return inside.length > 0 ? inside : [`${path}: empty`]
}

/** Traffic whose every GET is answered with a profile under another name. */
function trafficOver(body: object, stamps: readonly string[]) {
  const map = anAzureMap('weu', stamps)
  const answer = (): WireAnswer => ({ status: 200, text: JSON.stringify(body).replaceAll('/', '\\/') })
  return createAzureTraffic({
    ...{ map, clock, credential: anyCredential },
    stamps: stampsOf(map),
    httpClient: wire(answer),
  })
}

const replica = replicaId('contoso', 'weu')

describe.skipIf(!isThere)('profiles of the real service, skipped where ../shared/wire is not there', () => {
  it.each(['trafficManagerProfiles', 'externalEndpoints'])(
    'the double answers %s as it was recorded, key by key',
    async (type) => {
      const { add, answer } = trafficManagerServer({})
      add({
        name: 'profileName2877',
        ttl: 0,
        leadsTo: 'endpoint1',
        stamps: { endpoint1: 'a.example', endpoint2: 'b.example' },
      })
      const path =
        '/subscriptions/s/resourceGroups/RG/providers/Microsoft.Network/trafficmanagerprofiles/profilename2877'
      const url = `https://management.azure.com${path}${type === 'externalEndpoints' ? '/ExternalEndpoints/endpoint1' : ''}`
      const { text = '' } = await answer(createPipelineRequest({ url }))

      expect(text).toContain('\\/subscriptions\\/')
      expect(shape(JSON.parse(text)).toSorted()).toEqual(shape(recorded(type)).toSorted())
    },
  )

  test('a recorded profile with two enabled endpoints and no TTL of its own is read', async () => {
    const { route } = trafficOver(recorded('trafficManagerProfiles'), ['endpoint1', 'ENDPOINT2'])
    expect(await route(replica)).toEqual({ stamp: 'endpoint1', ttlSeconds: 60 })
  })

  test('an example of a profile with endpoints is read, though its values are absent', async () => {
    const { body } = fromFile('routing/profile-get-with-endpoints.json').responses['200']
    expect(await trafficOver(body, ['weu-a']).route(replica)).toEqual({
      stamp: null,
      ttlSeconds: body.properties.dnsConfig.ttl,
    })
  })

  test("profiles of a group that are somebody else's are no routes", async () => {
    const { body } = fromFile('routing/profile-list-by-group.json').responses['200']
    expect(await trafficOver(body, ['weu-a']).routes('weu')).toEqual([])
    const [first] = body.value
    const ours = { value: [{ ...first, name: 'tm-contoso.weu' }] }
    expect(await trafficOver(ours, ['weu-a']).routes('weu')).toEqual([{ replica, stamp: null }])
  })

  test('an endpoint is changed with a body of the kind that the service takes', async () => {
    const { parameters } = fromFile('routing/endpoint-patch-target.json').parameters
    const server = trafficManagerServer({})
    const map = anAzureMap('weu', ['weu-a', 'weu-b'])
    const stamps = Object.fromEntries(map.regions[0]?.stamps.map(({ stamp, host }) => [stamp, host]) ?? [])
    server.add({ name: 'tm-contoso.weu', ttl: 60, leadsTo: 'weu-a', stamps })
    const parts = { stamps: stampsOf(map), httpClient: wire(server.answer) }
    const { setRoute } = createAzureTraffic({ ...parts, map, clock, credential: anyCredential })
    await setRoute({ replica, to: StampId.parse('weu-b'), moveKey: 'k', epoch: 2 })

    const bodies = server.requests.flatMap(({ method, path, body }) =>
      method === 'PATCH' && /ExternalEndpoints/.test(path) ? [body] : [],
    )
    expect(bodies).toEqual([
      { properties: { endpointStatus: 'Enabled' } },
      { properties: { endpointStatus: 'Disabled' } },
    ])
    expect(Object.keys(parameters)).toEqual(['properties'])
  })
})

describe.skipIf(!isThere)('answers of the real query service to a residue query', () => {
  const over = (answer: WireAnswer) =>
    createLogsResidue({
      ...{ map: anAzureMap('weu', ['weu-a']), clock },
      client: new LogsQueryClient(anyCredential, {
        httpClient: wire(() => answer),
        retryOptions: { maxRetries: 0 },
      }),
    })(replica, StampId.parse('weu-a'))

  test('a recorded partial result is no residue', async () => {
    const [{ ResponseBody }] = fromFile('logs/recorded-partial-error.json').Entries
    await expect(over({ status: 200, body: ResponseBody })).rejects.toMatchObject({
      name: 'ResidueUnknown',
      message: expect.stringContaining('PartialError'),
    })
  })

  test('rows of something else lack its columns', async () => {
    const { body } = fromFile('logs/query.json').responses?.['200'] ?? {}
    await expect(over({ status: 200, body })).rejects.toMatchObject({ name: 'ColumnMissing' })
  })

  it.each([
    ['logs/error-400-syntax.json', 400, 'AzureRefused'],
    ['logs/error-401.json', 401, 'AzureForbidden'],
    ['logs/error-403-audience.json', 403, 'AzureForbidden'],
    ['logs/error-403-insufficient.json', 403, 'AzureForbidden'],
  ])('%s is a fault with a name', async (file, status, name) => {
    await expect(over({ status, body: fromFile(file) })).rejects.toMatchObject({ name })
  })
})
