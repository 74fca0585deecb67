import { describe, expect, it } from 'vitest'
import { anEvent } from './graph-server.ts'
import { graphed, HOUR_MS, NOW_MS, scaleSetId } from './graphed-azure.ts'

const time = (ms: number) => new Date(ms).toISOString()
const at = (hours: number) => NOW_MS - hours * HOUR_MS

describe('Service Health', () => {
  const active = { fromMs: at(2), untilMs: null }

  it('an issue of the region keeps all of it, and names its tracking id', async () => {
    const { told } = graphed({ events: [anEvent({ id: 'BC_1-FXZ', trackingId: 'BC_1-FXZ', ...active })] })
    expect(await told()).toEqual([
      {
        ...{ kind: 'incident', region: 'weu', fromMs: at(2), untilMs: null },
        words: 'Virtual machines are slow (BC_1-FXZ)',
      },
    ])
  })

  it.each([
    ['of every region', { region: 'Global' }, 1],
    ['of another region', { region: 'West Europe 2' }, 0],
    ['of a service that is ignored', { service: 'azure bot service' }, 0],
    ['that only advises', { type: 'HealthAdvisory' }, 0],
    ['that is resolved', { fromMs: at(5), untilMs: at(3) }, 0],
    ['that is planned for later', { type: 'PlannedMaintenance', fromMs: NOW_MS + 1 }, 0],
  ])('an event %s counts %#', async (_, event, count) => {
    const { told } = graphed({ events: [anEvent({ id: 'E', ...active, ...event })] })
    expect(await told()).toHaveLength(count)
  })

  it('an issue is in force until it is resolved, also when it was mitigated before', async () => {
    const { told } = graphed({
      events: [anEvent({ id: 'E', status: 'Active', fromMs: at(5), untilMs: at(3) })],
    })
    expect(await told()).toMatchObject([{ fromMs: at(5), untilMs: null }])
  })

  it('the same event in two subscriptions is one', async () => {
    const event = anEvent({ id: 'E', ...active })
    const other = { ...event, id: '/subscriptions/other/providers/Microsoft.ResourceHealth/events/E' }
    const { told } = graphed({ events: [event, other] })
    expect(await told()).toHaveLength(1)
  })

  const impacted = (target: string) => ({
    id: '/subscriptions/s/providers/Microsoft.ResourceHealth/events/E/impactedResources/1',
    properties: { targetResourceId: target, targetRegion: 'westeurope' },
  })
  const elsewhere = '/subscriptions/s/resourceGroups/x/providers/Microsoft.Compute/virtualMachines/x'

  it.each([
    ['ServiceIssue', [scaleSetId('weu-b', '3')], ['weu-b']],
    ['ServiceIssue', [elsewhere], [undefined]],
    ['ServiceIssue', [], [undefined]],
    ['PlannedMaintenance', [scaleSetId('weu-b', '3'), scaleSetId('weu-a'), elsewhere], ['weu-b', 'weu-a']],
    ['PlannedMaintenance', [elsewhere], []],
    ['PlannedMaintenance', [], [undefined]],
  ])('%s that names %j is of %j', async (type, targets, stamps) => {
    const event = anEvent({ id: 'E', type, ...active })
    const { told } = graphed({ events: [event], impacted: targets.map(impacted) })
    expect((await told()).map(({ stamp }) => stamp)).toEqual(stamps)
  })

  it('times in ticks and names in lower case are read, and what is resolved without a time counts in the past', async () => {
    const ticks = (ms: number) => (ms + 62_135_596_800_000) * 10_000
    const properties = {
      ...{ eventType: 'ServiceIssue', status: 'Resolved', title: 'Slow', impactStartTime: ticks(at(4)) },
      ...{ impactMitigationTime: '', impact: [] },
    }
    const { told } = graphed({ events: [{ id: '/events/E', name: 'E', properties }] })
    expect(await told(5)).toMatchObject([{ fromMs: at(4), untilMs: NOW_MS }])
    expect(await told()).toEqual([])
  })
})

describe('platform maintenance', () => {
  const update = (more: object) => ({ status: 'Pending', impactType: 'Restart', ...more })
  const listed = (...value: object[]) => [
    {
      id: `${scaleSetId('weu-a')}/providers/Microsoft.Maintenance/updates/u`,
      name: scaleSetId('weu-a'),
      properties: { value },
    },
  ]

  it.each([
    ['runs', update({ status: 'InProgress', notBefore: time(at(2)) }), { fromMs: at(6), untilMs: null }],
    [
      'runs for long',
      update({ status: 'InProgress', notBefore: time(at(9)) }),
      { fromMs: at(9), untilMs: null },
    ],
    ['may begin', update({ notBefore: time(at(2)) }), { fromMs: at(2), untilMs: null }],
    ['may not begin yet', update({ notBefore: time(NOW_MS + 1) }), undefined],
    ['waits for the operator', update({}), undefined],
    ['does nothing to anybody', update({ status: 'InProgress', impactType: 'None' }), undefined],
    ['ended before', update({ status: 'Completed', lastUpdateTime: time(at(7)) }), undefined],
    [
      'ended amid the span',
      update({ status: 'Completed', lastUpdateTime: time(at(1)) }),
      { fromMs: at(6), untilMs: at(1) },
    ],
  ])('one that %s is told so', async (_, one, span) => {
    const { told } = graphed({ updates: listed(one) })
    expect(await told(6)).toMatchObject(span ? [{ kind: 'rollout', stamp: 'weu-a', ...span }] : [])
  })

  it('one of a resource that is not ours is none', async () => {
    const [row] = listed(update({ status: 'InProgress' }))
    const other = { ...row, id: '/x', name: `${scaleSetId('weu-a')}2` }
    expect(await graphed({ updates: [other] }).told()).toEqual([])
  })
})

describe('rolling upgrades', () => {
  const name = 'vmss-weu-a-registry'
  const upgrade = (code: string, startMs: number, more: object = {}) => ({
    [name]: {
      runningStatus: {
        code,
        startTime: time(startMs),
        lastAction: 'Start',
        lastActionTime: time(startMs),
        ...more,
      },
    },
  })
  const past = (startMs: number, endMs: number) => ({
    properties: { runningStatus: { code: 'Completed', startTime: time(startMs), endTime: time(endMs) } },
  })

  it('one that runs keeps its stamp', async () => {
    const { told } = graphed({ upgrades: upgrade('RollingForward', at(1)) })
    expect(await told()).toEqual([
      {
        ...{ kind: 'rollout', region: 'weu', stamp: 'weu-a', fromMs: at(1), untilMs: null },
        words: 'a rolling upgrade of vmss-weu-a-registry is RollingForward',
      },
    ])
  })

  it('one that was canceled has its end, one of the system has it in the history', async () => {
    const canceled = { lastAction: 'Cancel', lastActionTime: time(at(2)) }
    const first = graphed({ upgrades: upgrade('Cancelled', at(3), canceled) })
    expect(await first.told(6)).toMatchObject([{ fromMs: at(3), untilMs: at(2) }])

    const histories = { [name]: [past(at(3), at(2)), past(at(5), at(4)), past(at(9), at(8))] }
    const second = graphed({ upgrades: upgrade('Completed', at(3)), histories })
    expect((await second.told(6)).map(({ fromMs, untilMs }) => [fromMs, untilMs])).toEqual([
      [at(3), at(2)],
      [at(5), at(4)],
    ])
  })

  it('one that ended nobody knows when counts to the end of the span, unless it began before', async () => {
    const { told } = graphed({ upgrades: upgrade('Completed', at(3)) })
    expect(await told(6)).toMatchObject([{ fromMs: at(3), untilMs: NOW_MS }])
    expect(await told(2)).toEqual([])
    expect(await told()).toEqual([])
  })
})
