import { beforeEach, describe, expect, it, test } from 'vitest'
import { replicaId } from '../../../src/domain/ids.ts'
import { hostOf, profileOf } from './azure-region.ts'
import { aRoutedReplica, change, home, other, region, replica, third } from './routed-replica.ts'

let azure: ReturnType<typeof aRoutedReplica>
beforeEach(() => {
  azure = aRoutedReplica()
})

describe('a change of the route', () => {
  test('the destination is enabled before the old stamp is disabled, under the epoch that was written first', async () => {
    const enabledAt: string[][] = []
    azure.routing.disturb(() => {
      enabledAt.push(azure.enabled())
      return undefined
    })
    expect(await azure.traffic.setRoute(change)).toBe('routed')

    expect(enabledAt.every((names) => names.length > 0)).toBe(true)
    expect(azure.writes().map(({ path }) => path.split('/').at(-1))).toEqual([
      profileOf(replica),
      other,
      home,
    ])
    expect(azure.profile().tags).toMatchObject({ 'restamp-epoch': '2', 'restamp-move': change.moveKey })
    expect(azure.enabled()).toEqual([other])
  })

  test('a repeat writes nothing, and tags of others stay', async () => {
    azure.profile().tags = { team: 'registry' }
    await azure.traffic.setRoute(change)
    const before = azure.writes().length
    expect(await azure.traffic.setRoute(change)).toBe('routed')

    expect(azure.writes()).toHaveLength(before)
    expect(azure.profile().tags).toMatchObject({ team: 'registry' })
  })

  it.each([0, 1, 2])(
    'whose write %i was made and whose answer was lost is ended by a repeat',
    async (nth) => {
      azure.atWrite(nth, 'lost after the write')
      await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
      expect(azure.enabled()).not.toEqual([])
      azure.routing.disturb(null)

      expect(await azure.traffic.setRoute(change)).toBe('routed')
      expect(azure.enabled()).toEqual([other])
    },
  )

  it.each([0, 1, 2])(
    'whose write %i is refused for a while leaves some stamp enabled, and a repeat ends it',
    async (nth) => {
      azure.atWrite(nth, { status: 503, body: { error: { code: 'ServiceUnavailable', message: 'later' } } })
      await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
      expect(azure.enabled()).not.toEqual([])
      azure.routing.disturb(null)

      expect(await azure.traffic.setRoute(change)).toBe('routed')
      expect(azure.enabled()).toEqual([other])
    },
  )

  test('one that is throttled says so, and when it may come again', async () => {
    const body = { error: { code: 'TooManyRequests', message: 'slow down' } }
    azure.atWrite(0, { status: 429, headers: { 'retry-after': '17' }, body })

    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'AzureThrottled',
      message: 'profile tm-contoso.weu: 429 TooManyRequests; it may be asked again after 17 s',
    })
    expect(azure.writes()).toHaveLength(1)
  })

  test('one that is throttled until a date says that', async () => {
    const retryAfter = 'Sun, 01 Nov 2026 00:01:00 GMT'
    azure.atWrite(0, { status: 429, headers: { 'retry-after': retryAfter }, body: {} })
    await expect(azure.traffic.setRoute(change)).rejects.toThrow(`may be asked again from ${retryAfter} on`)
  })

  test('an answer that breaks off, or comes from somebody in between, is no answer', async () => {
    azure.atWrite(0, { status: 200, text: '{"id":"\\/subscr' })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    azure.atWrite(0, { status: 502, text: '<html>Bad Gateway</html>' })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({ name: 'AzureUnavailable' })
    expect(azure.enabled()).toEqual([home])
  })

  test('one that the identity may not make names the role that it lacks', async () => {
    azure.atWrite(0, { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } })

    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'AzureForbidden',
      message: expect.stringContaining('Traffic Manager Contributor'),
    })
  })

  test('two at once take turns, and the newer one stays', async () => {
    const back = { replica, to: home, moveKey: 'p/contoso@weu/002', epoch: 3 }
    const answers = await Promise.all([azure.traffic.setRoute(change), azure.traffic.setRoute(back)])

    expect(answers).toEqual(['routed', 'routed'])
    expect(azure.enabled()).toEqual([home])
  })
})

describe('what somebody else writes meanwhile', () => {
  test('an endpoint that is enabled again is named', async () => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && azure.writes().length === 3) azure.endpoint(third).endpointStatus = 'Enabled'
      return undefined
    })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'RouteNotKept',
      message: expect.stringContaining('endpoint weu-c is enabled'),
    })
  })

  test('a tag that was written over is named, before any endpoint changes', async () => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && azure.writes().length === 1) azure.profile().tags = { 'restamp-epoch': '1' }
      return undefined
    })
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject({
      name: 'RouteNotKept',
      message: expect.stringContaining('tag restamp-epoch is 1, not 2'),
    })
    expect(azure.enabled()).toEqual([home])
  })

  it.each([1, 3])('a newer epoch after %i writes makes the older change stale', async (after) => {
    azure.routing.disturb(({ method }) => {
      if (method === 'GET' && azure.writes().length === after) azure.profile().tags = { 'restamp-epoch': '3' }
      return undefined
    })
    expect(await azure.traffic.setRoute(change)).toBe('stale')
  })

  test('a TTL that was set since a move was prepared is kept when it is settled', async () => {
    await azure.traffic.prepareRoute(change)
    azure.profile().ttl = 45
    expect(await azure.traffic.route(replica)).toMatchObject({ ttlSeconds: 45 })
    await azure.traffic.settleRoute(replica)

    expect(azure.profile()).toMatchObject({ ttl: 45, tags: { 'restamp-prepared': '' } })
  })
})

describe('a profile that leads nowhere it should', () => {
  test('one without an endpoint for the destination is refused before anything is bound, with what to do', async () => {
    azure.profile().endpoints = azure.profile().endpoints.filter(({ name }) => name !== other)
    const words = {
      name: 'EndpointMissing',
      message: `profile tm-contoso.weu of ${replica} has no endpoint weu-b; give it an external endpoint weu-b with the target ${hostOf(other)}, disabled, and resume`,
    }
    await expect(azure.traffic.prepareRoute(change)).rejects.toMatchObject(words)
    await expect(azure.traffic.setRoute(change)).rejects.toMatchObject(words)
    expect(azure.writes()).toEqual([])
  })

  test("an endpoint with the stamp's name and another target, or another type, is none of the stamp", async () => {
    azure.endpoint(other).target = hostOf(third)
    await expect(azure.traffic.setRoute(change)).rejects.toThrow(`leads to ${hostOf(third)}`)
    Object.assign(azure.endpoint(other), { target: hostOf(other), type: 'azureEndpoints' })
    await expect(azure.traffic.setRoute(change)).rejects.toThrow('azureEndpoints')
    expect(azure.writes()).toEqual([])
  })

  test('one that is disabled is not moved, since nobody would follow', async () => {
    azure.profile().profileStatus = 'Disabled'
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
    azure.endpoint(home).endpointStatus = 'Disabled'
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
    azure.profile().endpoints.push({
      name: 'sorry',
      type: 'externalEndpoints',
      target: 'sorry.example',
      endpointStatus: 'Enabled',
    })
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
    expect(await azure.traffic.routes(region)).toEqual([{ replica, stamp: null }])
    expect(await azure.traffic.setRoute({ ...change, to: home })).toBe('routed')
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    azure.profile().endpoints = []
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: null })
  })

  test('one that leads to two at once leads to the one that it was to leave', async () => {
    await azure.traffic.setRoute(change)
    azure.endpoint(home).endpointStatus = 'Enabled'
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: home })
    await azure.traffic.setRoute(change)
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: other })
    await azure.traffic.setRoute({ ...change, to: home, epoch: 3 })
    azure.endpoint(other).endpointStatus = 'Enabled'
    expect(await azure.traffic.route(replica)).toMatchObject({ stamp: other })
  })

  test('a status that the service leaves out counts as enabled, and the destination is enabled in so many words', async () => {
    azure.endpoint(other).endpointStatus = null
    azure.endpoint(home).endpointStatus = null
    await azure.traffic.setRoute(change)
    expect(azure.profile().endpoints.map(({ endpointStatus }) => endpointStatus)).toEqual([
      'Disabled',
      'Enabled',
      'Disabled',
    ])
  })
})
