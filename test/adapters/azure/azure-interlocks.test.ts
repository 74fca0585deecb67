import { describe, expect, it } from 'vitest'
import { createAzureInterlocks, PastNotKept } from '../../../src/adapters/azure/azure-interlocks.ts'
import { everyInterlock } from '../../../src/ports/interlocks.ts'
import { interlocksContract } from '../../ports/interlocks.contract.ts'
import { anyCredential, type WireAnswer } from './azure-client.ts'
import { aChange, anEvent, aStatus, graphServer } from './graph-server.ts'
import { aMap, graphed, HOUR_MS, NOW_MS, scaleSetId } from './graphed-azure.ts'

interlocksContract('AzureInterlocks', async (known) => {
  const events = known.map(({ kind, region, words: title, fromMs, untilMs }, at) => {
    const type = kind === 'rollout' ? 'PlannedMaintenance' : 'ServiceIssue'
    return anEvent({ ...{ id: `E-${at}`, type, title, region, fromMs, untilMs } })
  })
  const nothingThere = { scaleSets: [], statuses: [] }
  const map = aMap(['north', 'south'].map((name) => ({ name, location: name })))
  const stamps = map.regions.flatMap((region) => region.stamps.map(({ stamp }) => stamp))
  const { httpClient } = graphServer({
    ...nothingThere,
    scaleSets: stamps.map((stamp) => ({ id: scaleSetId(stamp), capacity: 0 })),
    events,
  })
  const clock = { nowMs: () => 10_000_000 }
  return createAzureInterlocks({ credential: anyCredential, httpClient, map, clock })
})

describe('Resource Health', () => {
  it('a node that is down keeps its stamp, since it turned so; where all is well nothing is told', async () => {
    const { server, told, well } = graphed()
    expect(await told(24)).toEqual([])
    const sinceMs = NOW_MS - 2 * HOUR_MS
    server.state.statuses = [...well.statuses, aStatus(scaleSetId('weu-a', '7'), 'Unavailable', sinceMs)]

    expect(await told()).toEqual([
      {
        ...{ kind: 'incident', region: 'weu', stamp: 'weu-a', fromMs: sinceMs, untilMs: null },
        words: 'Resource Health: node 7 of vmss-weu-a-registry is unavailable',
      },
    ])
  })

  it('what was down amid a span is told with its end, and the present is not asked for the past', async () => {
    const began = NOW_MS - 5 * HOUR_MS
    const ended = NOW_MS - 4 * HOUR_MS
    const node = scaleSetId('weu-b', '1')
    const changes = [
      aChange(node, ended, 'Unavailable', 'Available'),
      aChange(node, began, 'Available', 'Unavailable'),
    ]
    const { server, told } = graphed({ changes })

    expect(await told(6)).toMatchObject([{ stamp: 'weu-b', fromMs: began, untilMs: ended }])
    expect(await told(3)).toEqual([])
    server.queries.length = 0
    expect(await told()).toEqual([])
    expect(server.queries.some((query) => query.startsWith('healthresourcechanges'))).toBe(false)
  })

  it('what was down already when a span began counts from there', async () => {
    const ended = NOW_MS - HOUR_MS
    const { told } = graphed({ changes: [aChange(scaleSetId('weu-a'), ended, 'Degraded', 'Available')] })
    expect(await told(6)).toMatchObject([
      { stamp: 'weu-a', fromMs: NOW_MS - 6 * HOUR_MS, untilMs: ended, kind: 'incident' },
    ])
  })

  it('two outages of one node are two, and a scale set of somebody else is none', async () => {
    const node = scaleSetId('weu-a', '1')
    const at = (hours: number) => NOW_MS - hours * HOUR_MS
    const { told, server, well } = graphed({
      changes: [
        aChange(node, at(8), 'Available', 'Unavailable'),
        aChange(node, at(7), 'Unavailable', 'Available'),
        aChange(node, at(3), 'Available', 'Unavailable'),
        aChange(node, at(2), 'Unavailable', 'Unknown'),
        aChange(`${scaleSetId('weu-a')}2/virtualMachines/1`, at(2), 'Unavailable', 'Available'),
      ],
    })
    server.state.statuses = [...well.statuses, aStatus(`${scaleSetId('weu-a')}2`, 'Unavailable')]
    expect((await told(9)).map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [at(8), at(7)],
      [at(3), at(2)],
    ])
  })

  it.each([
    ['says nothing', () => []],
    ['knows nothing but that it knows nothing', () => [aStatus(scaleSetId('weu-b', '0'), 'Unknown')]],
  ])('a stamp of which it %s is kept', async (_, of) => {
    const { server, told, well } = graphed()
    server.state.statuses = [...well.statuses.slice(0, 1), ...of()]
    expect(await told()).toMatchObject(
      [{ kind: 'incident', stamp: 'weu-b', untilMs: null, words: /says nothing of vmss-weu-b-registry/ }].map(
        (one) => ({ ...one, words: expect.stringMatching(one.words) }),
      ),
    )
  })

  it('a scale set that can not be seen is kept, and one that wants no nodes is not', async () => {
    const scaleSets = [{ id: scaleSetId('weu-a'), capacity: 0 }]
    const { told } = graphed({ scaleSets, statuses: [] })
    expect(await told()).toMatchObject([{ stamp: 'weu-b', words: expect.stringMatching(/does not show/) }])
  })
})

describe('stamps that were made', () => {
  it('are looked after like those of the map', async () => {
    const id = scaleSetId('restamp-weu-iso').replace('vmss-restamp-weu-iso', 'vmss-weu-iso')
    const tags = {
      ...{ 'restamp-key': 'k', 'restamp-stamp': 'weu-iso', 'restamp-region': 'weu' },
      ...{ 'restamp-customer': 'contoso', 'restamp-pool-1': 'registry 3 like weu-a' },
    }
    const { server, told, well } = graphed({ groups: [{ id: '/rg', tags }] })
    server.state.scaleSets = [...well.scaleSets, { id, capacity: 3 }]
    server.state.statuses = [...well.statuses, aStatus(`${id}/virtualMachines/2`, 'Unavailable', 5)]

    expect(await told()).toMatchObject([{ stamp: 'weu-iso', fromMs: 5 }])
  })
})

describe('what can not be told', () => {
  const past14Days = { region: 'weu', fromMs: NOW_MS - 15 * 24 * HOUR_MS, toMs: NOW_MS }

  it('is thrown: what Azure keeps no more, and a region that is not in the map', async () => {
    const { interlocks } = graphed()
    await expect(interlocks.between(past14Days)).rejects.toThrow(PastNotKept)
    await expect(interlocks.between({ ...past14Days, region: 'nowhere' })).rejects.toThrow(
      /nowhere is no region/,
    )
  })

  it('answers come by pages, all of which are read', async () => {
    const events = Array.from({ length: 7 }, (_, at) => anEvent({ id: `E-${at}`, fromMs: 0, untilMs: null }))
    const { told } = graphed({ events, rowsAPage: 3 })
    expect(await told()).toHaveLength(7)
  })

  const row = (data: unknown, more: object = {}) => ({
    status: 200,
    body: { totalRecords: 1, count: 1, resultTruncated: 'false', facets: [], data, ...more },
  })
  it.each<[string, WireAnswer, object]>([
    ['cut off', row([{}], { resultTruncated: 'true' }), { name: 'GraphAnswerPartial' }],
    ['short of rows', row([{}], { totalRecords: 2 }), { name: 'GraphAnswerPartial' }],
    ['without rows', row({ columns: [], rows: [] }), { name: 'GraphAnswerPartial' }],
    ['of other rows', row([{ id: 7 }]), { name: 'GraphRowsUnread' }],
    [
      'refused',
      { status: 403, body: { error: { code: 'AuthorizationFailed', message: 'no' } } },
      { statusCode: 403 },
    ],
    ['throttled', { status: 429, headers: { 'retry-after': '5' } }, { statusCode: 429 }],
    ['broken', { status: 500 }, { statusCode: 500 }],
  ])('an answer that is %s makes it throw, whichever table it is of', async (_, answer, error) => {
    const tables = ['resourcecontainers', 'resources', 'healthresources', 'healthresourcechanges']
    for (const table of [...tables, 'servicehealthresources', 'maintenanceresources']) {
      const { server, told } = graphed()
      const fault = (query: string) => (query.startsWith(`${table} `) ? answer : undefined)
      server.faults.push(fault, fault, fault)
      await expect(told(6), table).rejects.toMatchObject(error)
    }
  })
})

describe('several sources', () => {
  const change = { kind: 'change-ticket', region: 'weu', fromMs: 0, untilMs: null, words: 'CHG-1' } as const
  const tickets = { between: async () => [change] }

  it('are told together, and where one can not tell nothing is told', async () => {
    const { interlocks, server } = graphed()
    const all = everyInterlock([interlocks, tickets])
    const now = { region: 'weu', fromMs: NOW_MS, toMs: NOW_MS }
    expect(await all.between(now)).toEqual([change])
    server.faults.push(...Array.from({ length: 9 }, () => () => ({ status: 500 })))
    await expect(all.between(now)).rejects.toMatchObject({ statusCode: 500 })
  })
})
