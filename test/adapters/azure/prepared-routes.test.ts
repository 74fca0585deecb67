import { beforeEach, describe, expect, it, test } from 'vitest'
import { createAzureTraffic } from '../../../src/adapters/azure/azure-traffic.ts'
import { destinationOf } from '../../../src/adapters/azure/destination-endpoint.ts'
import { replicaId, StampId } from '../../../src/domain/ids.ts'
import { anyCredential } from './azure-client.ts'
import { anAzureMap, hostOf, stampsOf } from './azure-region.ts'
import { aRoutedReplica, change, home, made, other, region, replica, third } from './routed-replica.ts'

let azure: ReturnType<typeof aRoutedReplica>
beforeEach(() => {
  azure = aRoutedReplica()
})

describe('a prepared move', () => {
  test('lowers the TTL, is ready once the old one and a minute are over, and gets it back when it is settled', async () => {
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 360_000 })
    expect(azure.profile().ttl).toBe(10)
    azure.clock.ms += 359_999
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 1 })
    azure.clock.ms += 1
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 0 })
    expect(azure.writes()).toHaveLength(1)
    expect(await azure.traffic.routes(region)).toEqual([
      { replica, stamp: home, preparedFor: change.moveKey },
    ])
    await azure.traffic.settleRoute(replica)
    expect(azure.profile().ttl).toBe(300)
  })

  test('whose answer was lost is found prepared; one whose settling was lost is found settled', async () => {
    azure.atWrite(0, 'lost after the write')
    await expect(azure.traffic.prepareRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.clock.ms += 60_000
    expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 300_000 })
    azure.atWrite(0, 'lost after the write')
    await expect(azure.traffic.settleRoute(replica)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.routing.disturb(null)
    await azure.traffic.settleRoute(replica)
    expect(azure.profile()).toMatchObject({ ttl: 300, tags: { 'restamp-prepared': '' } })
  })

  test('that follows one which was never settled keeps the TTL from before both', async () => {
    await azure.traffic.prepareRoute(change)
    azure.clock.ms += 3_600_000
    expect(await azure.traffic.prepareRoute({ ...change, moveKey: 'q' })).toEqual({ readyInMs: 0 })
    expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: 300 })
    expect(await azure.traffic.routes(region)).toEqual([{ replica, stamp: home, preparedFor: 'q' }])
  })

  it.each([null, 0, 10, 5])(
    'of a profile with the TTL %s changes nothing and is ready at once',
    async (ttl) => {
      azure.profile().ttl = ttl
      expect(await azure.traffic.prepareRoute(change)).toEqual({ readyInMs: 0 })
      expect(azure.writes()).toEqual([])
      expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: ttl || 60 })
    },
  )
})

describe('a stamp that Restamp has made since', () => {
  const there = { ...change, to: made }

  test('gets its endpoint while the move is prepared, and leads nobody there until the route changes', async () => {
    for (const endpoint of azure.profile().endpoints) endpoint.location = 'West Europe'
    await azure.traffic.prepareRoute(there)
    expect(azure.endpoint(made)).toEqual({
      ...{ name: made, type: 'externalEndpoints', target: hostOf(made) },
      ...{ endpointStatus: 'Disabled', location: 'West Europe' },
    })
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    expect(await azure.traffic.setRoute(there)).toBe('routed')
    expect(azure.enabled()).toEqual([made])
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: made })
    expect(await azure.traffic.setRoute({ ...change, to: home, epoch: 3 })).toBe('routed')
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
  })

  test('whose endpoint was made and whose answer was lost has one endpoint after a repeat', async () => {
    azure.atWrite(0, 'lost after the write')
    await expect(azure.traffic.setRoute(there)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.routing.disturb(null)
    expect(await azure.traffic.setRoute(there)).toBe('routed')
    expect(azure.profile().endpoints.map(({ name }) => name)).toEqual([home, other, third, made])
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
    expect(azure.profile().endpoints).toHaveLength(3)
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
        clock: { nowMs: () => azure.clock.ms },
      })
    expect(made('tm-{registry}-{region}')).toThrow('names a profile of west-eu as it would name one of eu')
    expect(made('tm-{registry}.{region}')).not.toThrow()
  })
})
