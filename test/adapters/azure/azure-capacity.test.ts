import { ComputeManagementClient } from '@azure/arm-compute'
import { MonitorClient } from '@azure/arm-monitor'
import { describe, expect, it } from 'vitest'
import { AzureCapacity, MinimumNotKept } from '../../../src/adapters/azure/azure-capacity.ts'
import { StampId } from '../../../src/domain/ids.ts'
import { capacityContract } from '../../ports/capacity.contract.ts'
import { anyCredential } from './azure-client.ts'
import { type Profile, scaleSetServer } from './scale-set-server.ts'

const stamp = StampId.parse('weu-a')
const role = 'registry'
const MINUTE_MS = 60_000

const profile = (name: string, minimum: number, maximum: number) => ({
  name,
  capacity: { minimum: String(minimum), maximum: String(maximum), default: String(minimum) },
  rules: [],
})

function azure(profiles: readonly Profile[] = [profile('usual', 3, 10)], nodes = 4) {
  const server = scaleSetServer({ profiles: [...profiles], nodes, readyAfterMs: 3 * MINUTE_MS })
  const options = { httpClient: server.httpClient, retryOptions: { maxRetries: 0 } }
  const pool = {
    ...{ stamp, role, resourceGroup: 'rg-weu-a', scaleSet: 'vmss-weu-a', autoscaleSetting: 'scale-weu-a' },
    monitor: new MonitorClient(anyCredential, 's', options),
    compute: new ComputeManagementClient(anyCredential, 's', options),
  }
  return { server, capacity: new AzureCapacity(async (asked) => (asked === stamp ? [pool] : [])) }
}

capacityContract('AzureCapacity', async () => {
  const { server, capacity } = azure()
  return { capacity, stamp, role, pass: server.pass, readyWithinMs: 5 * MINUTE_MS }
})

describe('AzureCapacity', () => {
  const minimums = ({ setting }: ReturnType<typeof scaleSetServer>) =>
    setting.properties.profiles.map(({ capacity }) => capacity.minimum)

  it('raises every profile, a scheduled one too, and lowers none', async () => {
    const { server, capacity } = azure([
      profile('usual', 3, 10),
      profile('nights', 2, 10),
      profile('sales', 8, 12),
    ])
    await capacity.setMinimum({ stamp, role, minNodes: 6 })
    expect(minimums(server)).toEqual(['6', '6', '8'])
  })

  it('gives back to each profile what it had', async () => {
    const { server, capacity } = azure([profile('usual', 3, 10), profile('sales', 8, 12)])
    await capacity.setMinimum({ stamp, role, minNodes: 9 })
    expect(minimums(server)).toEqual(['9', '9'])
    await capacity.setMinimum({ stamp, role, minNodes: 3 })
    expect(minimums(server)).toEqual(['3', '8'])
  })

  it('keeps rules, schedules and the tags of others as they are', async () => {
    const rules = [{ metricTrigger: trigger, scaleAction: action }]
    const recurrence = {
      frequency: 'Week',
      schedule: { timeZone: 'UTC', days: ['Monday'], hours: [8], minutes: [0] },
    }
    const { server, capacity } = azure([{ ...profile('usual', 3, 10), ...{ rules, recurrence } }])
    server.setting.tags = { owner: 'team-a' }
    await capacity.setMinimum({ stamp, role, minNodes: 5 })

    expect(server.setting.tags).toMatchObject({ owner: 'team-a' })
    expect(server.setting.properties.profiles[0]).toMatchObject({ rules, recurrence })
    expect(server.setting.properties.enabled).toBe(true)
  })

  it('takes what somebody else wrote for a change by somebody else', async () => {
    const { server, capacity } = azure()
    const [before] = await capacity.pools(stamp)
    const change = { stamp, role, expectedEpoch: before?.epoch ?? -1, changeKey: 'k1' }
    expect(await capacity.changeMinimum({ ...change, minNodes: 4 })).toEqual({ kind: 'changed' })
    const [ours] = await capacity.pools(stamp)
    const [first] = server.setting.properties.profiles
    if (first) first.capacity = { ...first.capacity, minimum: '7', default: '7' }

    expect((await capacity.pools(stamp))[0]).toMatchObject({ minNodes: 7, lastChangeKey: null })
    const late = { stamp, role, minNodes: 2, expectedEpoch: ours?.epoch ?? -1, changeKey: 'k2' }
    expect(await capacity.changeMinimum(late)).toEqual({ kind: 'stale' })
  })

  it('two changes of one process at once take turns: the second is late', async () => {
    const { capacity } = azure()
    const expectedEpoch = (await capacity.pools(stamp))[0]?.epoch ?? -1
    const outcomes = await Promise.all(
      ['a', 'b'].map((changeKey) =>
        capacity.changeMinimum({ stamp, role, minNodes: 4, expectedEpoch, changeKey }),
      ),
    )

    expect(outcomes).toEqual([{ kind: 'changed' }, { kind: 'stale' }])
  })

  it('a write that does not read back is an error', async () => {
    const { server, capacity } = azure()
    const send = server.httpClient.sendRequest.bind(server.httpClient)
    server.httpClient.sendRequest = (request) => {
      // Accepted, and lost.
      if (request.method === 'PUT') request.method = 'GET'
      return send(request)
    }

    await expect(capacity.setMinimum({ stamp, role, minNodes: 5 })).rejects.toThrow(MinimumNotKept)
  })
})

const trigger = {
  metricName: 'Percentage CPU',
  metricResourceUri:
    '/subscriptions/s/resourceGroups/rg-weu-a/providers/Microsoft.Compute/virtualMachineScaleSets/vmss-weu-a',
  timeGrain: 'PT1M',
  statistic: 'Average',
  timeWindow: 'PT5M',
  timeAggregation: 'Average',
  operator: 'GreaterThan',
  threshold: 60,
  dividePerInstance: false,
}
const action = { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' }
