import { beforeEach, describe, expect, it, test } from 'vitest'
import { createAzureTraffic } from '../../../src/adapters/azure/azure-traffic.ts'
import { destinationOf } from '../../../src/adapters/azure/destination-endpoint.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { anyCredential } from './azure-client.ts'
import { anAzureMap, azureTrafficOver, hostOf, profileOf, stampsOf } from './azure-region.ts'
import type { Disturbance } from './traffic-manager-server.ts'

const region = 'weu'
const replica = replicaId('contoso', region)
const [home, other, third] = ['weu-a', 'weu-b', 'weu-c'].map((stamp) => StampId.parse(stamp))
if (!home || !other || !third) throw new Error('three stamps')
const made = StampId.parse('weu-iso-1')
const change = { replica, to: other, moveKey: 'p/contoso@weu/001', epoch: 2 }

let clockMs: number
let azure: ReturnType<typeof azureTrafficOver>
beforeEach(() => {
  clockMs = Date.UTC(2026, 10, 1)
  azure = azureTrafficOver({
    ...{ region, stamps: [home, other, third], made, clock: { nowMs: () => clockMs } },
    behind: {
      setRoute: async () => 'routed',
      residue: async () => ({ lastRequestAtMs: null, inFlight: 0, openUploads: 0, stragglers: [] }),
      pull: async () => ({ ok: true, latencyMs: 1 }),
    },
  })
  azure.add(replica, home, 300)
})

const profile = () => azure.routing.profile(profileOf(replica))
const enabled = () =>
  profile()
    .endpoints.filter(({ endpointStatus }) => endpointStatus === 'Enabled')
    .map(({ name }) => name)
const endpoint = (stamp: string) => {
  const found = profile().endpoints.find(({ name }) => name === stamp)
  if (!found) throw new Error(`no endpoint ${stamp}`)
  return found
}
const writes = () => azure.routing.requests.filter(({ method }) => method !== 'GET')

/** Something comes of the nth write alone. */
function atWrite(nth: number, disturbance: Disturbance, before = () => {}): void {
  let seen = -1
  azure.routing.disturb(({ method }) => {
    if (method === 'GET') return undefined
    seen += 1
    if (seen !== nth) return undefined
    before()
    return disturbance
  })
}

describe('a change of the route', () => {
  test('the destination is enabled before the old stamp is disabled, under the epoch that was written first', async () => {
    const enabledAt: string[][] = []
    azure.routing.disturb(() => {
      enabledAt.push(enabled())
      return undefined
    })
    expect(await azure.traffic.setRoute(change)).toBe('routed')

    expect(enabledAt.every((names) => names.length > 0)).toBe(true)
    expect(writes().map(({ path }) => path.split('/').at(-1))).toEqual([profileOf(replica), other, home])
    expect(profile().tags).toMatchObject({ 'restamp-epoch': '2', 'restamp-move': change.moveKey })
    expect(enabled()).toEqual([other])
  })

  test('a repeat writes nothing, and tags of others stay', async () => {
    profile().tags = { team: 'registry' }
    await azure.traffic.setRoute(change)
    const before = writes().length
    expect(await azure.traffic.setRoute(change)).toBe('routed')

    expect(writes()).toHaveLength(before)
    expect(profile().tags).toMatchObject({ team: 'registry' })
  })

  it.each([0, 1, 2])(
    'whose write %i was made and whose answer was lost is ended by a repeat',
    async (nth) => {
      atWrite(nth, 'lost after the write')
      await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
      expect(enabled()).not.toEqual([])
      azure.routing.disturb(null)

      expect(await azure.traffic.setRoute(change)).toBe('routed')
      expect(enabled()).toEqual([other])
    },
  )

  it.each([0, 1, 2])(
    'whose write %i is refused for a while leaves some stamp enabled, and a repeat ends it',
    async (nth) => {
      atWrite(nth, { status: 503, body: { error: { code: 'ServiceUnavailable', message: 'later' } } })
      await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
      expect(enabled()).not.toEqual([])
      azure.routing.disturb(null)

      expect(await azure.traffic.setRoute(change)).toBe('routed')
      expect(enabled()).toEqual([other])
    },
  )

  test('one that is throttled says so, and when it may come again', async () => {
    const body = { error: { code: 'TooManyRequests', message: 'slow down' } }
    atWrite(0, { status: 429, headers: { 'retry-after': '17' }, body })

    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'AzureThrottled',
      message: 'profile tm-contoso.weu: 429 TooManyRequests; it may be asked again after 17 s',
    })
    expect(writes()).toHaveLength(1)
  })

  test('one that the identity may not make names the role that it lacks', async () => {
    atWrite(0, { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } })

    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'AzureForbidden',
      message: expect.stringContaining('Traffic Manager Contributor'),
    })
  })

  test('two at once take turns, and the newer one stays', async () => {
    const back = { replica, to: home, moveKey: 'p/contoso@weu/002', epoch: 3 }
    const answers = await Promise.all([azure.traffic.setRoute(change), azure.traffic.setRoute(back)])

    expect(answers).toEqual(['routed', 'routed'])
    expect(enabled()).toEqual([home])
  })
})

describe('what somebody else writes meanwhile', () => {
  test('an endpoint that is enabled again is named', async () => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && writes().length === 3) endpoint(third).endpointStatus = 'Enabled'
      return undefined
    })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'RouteNotKept',
      message: expect.stringContaining('endpoint weu-c is enabled'),
    })
  })

  test('a tag that was written over is named, before any endpoint changes', async () => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && writes().length === 1) profile().tags = { 'restamp-epoch': '1' }
      return undefined
    })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'RouteNotKept',
      message: expect.stringContaining('tag restamp-epoch is 1, not 2'),
    })
    expect(enabled()).toEqual([home])
  })

  it.each([1, 3])('a newer epoch after %i writes makes the older change stale', async (after) => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && writes().length === after) profile().tags = { 'restamp-epoch': '3' }
      return undefined
    })
    expect(await azure.traffic.setRoute(change)).toBe('stale')
  })

  test('a TTL that was set since a move was prepared is kept when it is settled', async () => {
    await azure.traffic.prepareRoute(change)
    profile().ttl = 45
    expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: 45 })
    await azure.traffic.settleRoute(replica)

    expect(profile()).toMatchObject({ ttl: 45, tags: { 'restamp-prepared': '' } })
  })
})

describe('a profile that leads nowhere it should', () => {
  test('one without an endpoint for the destination is refused before anything is bound, with what to do', async () => {
    profile().endpoints = profile().endpoints.filter(({ name }) => name !== other)
    const words = {
      name: 'EndpointMissing',
      message: `profile tm-contoso.weu of ${replica} has no endpoint weu-b; give it an external endpoint weu-b with the target ${hostOf(other)}, disabled, and resume`,
    }
    await expect(azure.traffic.prepareRoute(change)).rejects.toMatchObject(words)
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject(words)
    expect(writes()).toEqual([])
  })

  test("an endpoint with the stamp's name and another target, or another type, is none of the stamp", async () => {
    endpoint(other).target = hostOf(third)
    await expect(azure.traffic.setRoute(change)).rejects.toThrow(`leads to ${hostOf(third)}`)
    Object.assign(endpoint(other), { target: hostOf(other), type: 'azureEndpoints' })
    await expect(azure.traffic.setRoute(change)).rejects.toThrow('azureEndpoints')
    expect(writes()).toEqual([])
  })

  test('one that is disabled is not moved, since nobody would follow', async () => {
    profile().profileStatus = 'Disabled'
    await expect(azure.traffic.prepareRoute(change)).rejects.toThrow('is disabled and leads nobody anywhere')
  })

  test('one that is not there is no route, and a change names it', async () => {
    const gone = replicaId('fabrikam', region)
    expect(await azure.traffic.route(gone)).toBeUndefined()
    await expect(azure.traffic.setRoute({ ...change, replica: gone })).rejects.toMatchObject({
      name: 'ReplicaUnknown',
      message: expect.stringContaining('tm-fabrikam.weu in rg-Routing'),
    })
    await azure.traffic.settleRoute(gone)
  })

  test("one with no enabled endpoint, with somebody else's alone, or with none at all leads to no stamp, and can be led home", async () => {
    endpoint(home).endpointStatus = 'Disabled'
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
    profile().endpoints.push({
      name: 'sorry',
      type: 'externalEndpoints',
      target: 'sorry.example',
      endpointStatus: 'Enabled',
    })
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
    expect(await azure.traffic.routes(region)).toEqual([{ replica, stamp: null }])
    expect(await azure.traffic.setRoute({ ...change, to: home })).toBe('routed')
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    profile().endpoints = []
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
  })

  test('one that leads to two at once leads to the one that it was to leave', async () => {
    await azure.traffic.setRoute(change)
    endpoint(home).endpointStatus = 'Enabled'
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    await azure.traffic.setRoute(change)
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: other })
  })

  test('a status that the service leaves out counts as enabled, and the destination is enabled in so many words', async () => {
    endpoint(other).endpointStatus = null
    endpoint(home).endpointStatus = null
    await azure.traffic.setRoute(change)
    expect(profile().endpoints.map(({ endpointStatus }) => endpointStatus)).toEqual([
      'Disabled',
      'Enabled',
      'Disabled',
    ])
  })
})

describe('a prepared move', () => {
  test('lowers the TTL, is ready once the old one and a minute are over, and gets it back when it is settled', async () => {
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 360_000 })
    expect(profile().ttl).toBe(10)
    clockMs += 359_999
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 1 })
    clockMs += 1
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 0 })
    expect(writes()).toHaveLength(1)
    expect(await azure.traffic.routes(region)).toEqual([
      { replica, stamp: home, preparedFor: change.moveKey },
    ])
    await azure.traffic.settleRoute(replica)
    expect(profile().ttl).toBe(300)
  })

  test('whose answer was lost is found prepared; one whose settling was lost is found settled', async () => {
    atWrite(0, 'lost after the write')
    await expect(azure.traffic.prepareRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    clockMs += 60_000
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 300_000 })
    atWrite(0, 'lost after the write')
    await expect(azure.traffic.settleRoute(replica)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.routing.disturb(null)
    await azure.traffic.settleRoute(replica)
    expect(profile()).toMatchObject({ ttl: 300, tags: { 'restamp-prepared': '' } })
  })

  test('that follows one which was never settled keeps the TTL from before both', async () => {
    await azure.traffic.prepareRoute(change)
    clockMs += 3_600_000
    expect(await azure.traffic.prepareRoute({ ...change, moveKey: 'q' })).toEqual({ readyInMs: 0 })
    expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: 300 })
    expect(await azure.traffic.routes(region)).toEqual([{ replica, stamp: home, preparedFor: 'q' }])
  })

  it.each([null, 0, 10, 5])(
    'of a profile with the TTL %s changes nothing and is ready at once',
    async (ttl) => {
      profile().ttl = ttl
      expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 0 })
      expect(writes()).toEqual([])
      expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: ttl || 60 })
    },
  )
})

describe('a stamp that Restamp has made since', () => {
  const there = { ...change, to: made }

  test('gets its endpoint while the move is prepared, and leads nobody there until the route changes', async () => {
    for (const endpoint of profile().endpoints) endpoint.location = 'West Europe'
    await azure.traffic.prepareRoute(there)
    expect(endpoint(made)).toEqual({
      ...{ name: made, type: 'externalEndpoints', target: hostOf(made) },
      ...{ endpointStatus: 'Disabled', location: 'West Europe' },
    })
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    expect(await azure.traffic.setRoute(there)).toBe('routed')
    expect(enabled()).toEqual([made])
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: made })
    expect(await azure.traffic.setRoute({ ...change, to: home, epoch: 3 })).toBe('routed')
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
  })

  test('whose endpoint was made and whose answer was lost has one endpoint after a repeat', async () => {
    atWrite(0, 'lost after the write')
    await expect(azure.traffic.setRoute(there)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.routing.disturb(null)
    expect(await azure.traffic.setRoute(there)).toBe('routed')
    expect(profile().endpoints.map(({ name }) => name)).toEqual([home, other, third, made])
  })

  test('is no stamp of another region', async () => {
    const map = anAzureMap('neu', ['neu-a'])
    const asked = { replica, to: StampId.parse('neu-a') }
    await expect(destinationOf({ map, stamps: stampsOf(map) }, asked)).rejects.toThrow(
      'neu-a is no stamp of weu',
    )
  })

  test('is one that somebody knows: another gets no endpoint', async () => {
    await expect(azure.traffic.setRoute({ ...change, to: StampId.parse('weu-z') })).rejects.toMatchObject({
      name: 'StampUnknown',
      message: `weu-z is no stamp of weu on Azure, so ${replica} was not led there`,
    })
    expect(profile().endpoints).toHaveLength(3)
  })
})

describe('names', () => {
  test('are alike in any letter case, and a replica is named as the catalog does', async () => {
    const loud = replicaId('FABRIKAM', region)
    azure.routing.add({
      ...{ name: 'TM-fabrikam.WEU', ttl: 60, leadsTo: 'WEU-A' },
      stamps: { 'WEU-A': hostOf(home).toUpperCase(), 'WEU-B': hostOf(other).toUpperCase() },
    })
    expect(await azure.traffic.route(loud)).toMatchObject({ stamp: home })
    await azure.traffic.setRoute({ ...change, replica: loud })
    expect(await azure.traffic.route(loud)).toMatchObject({ stamp: other })
    expect(await azure.traffic.routes(region)).toContainEqual({ replica: loud, stamp: other })
  })

  test('that follow another pattern belong to somebody else', async () => {
    azure.routing.add({ name: 'tm-contoso.neu', ttl: 60, leadsTo: home, stamps: { [home]: hostOf(home) } })
    azure.routing.add({ name: 'other', ttl: 60, leadsTo: home, stamps: { [home]: hostOf(home) } })
    expect((await azure.traffic.routes(region)).map((route) => route.replica)).toEqual([replica])
  })

  test('of which a region can not be told are refused at the start', () => {
    const map = anAzureMap('eu', ['weu-a'])
    const west = anAzureMap('west-eu', ['weu-b'])
    const both = { ...map, regions: [...map.regions, ...west.regions] }
    const made = (pattern: string) => () =>
      createAzureTraffic({
        map: { ...both, routing: { ...map.routing, profile: pattern } },
        stamps: stampsOf(map),
        credential: anyCredential,
        clock: { nowMs: () => clockMs },
      })
    expect(made('tm-{registry}-{region}')).toThrow('names a profile of west-eu as it would name one of eu')
    expect(made('tm-{registry}.{region}')).not.toThrow()
  })
})
