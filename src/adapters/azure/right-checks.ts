import { ComputeManagementClient } from '@azure/arm-compute'
import { MonitorClient } from '@azure/arm-monitor'
import { TrafficManagerManagementClient } from '@azure/arm-trafficmanager'
import { isNotFound } from './azure-fault.ts'
import type { AzureMap, AzureStamp } from './azure-map.ts'
import { type Check, ToFix } from './check-found.ts'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'
import { replicaNamed } from './profile-names.ts'

const OBSERVER = 'Restamp observer'
const SCALE_SETS = 'Microsoft.Compute/virtualMachineScaleSets'

/** Each read that needs a right of its own, tried on one pool of each stamp: rights are given by group. */
export function rightChecks({ regions, routing }: AzureMap, options: ClientOptions): Check[] {
  const stamps = regions.flatMap((region) => region.stamps)
  return [...stamps.flatMap((stamp) => stampChecks(stamp, options)), routingCheck(regions, routing, options)]
}

function stampChecks(stamp: AzureStamp, options: ClientOptions): Check[] {
  const { subscriptionId, resourceGroup: group } = stamp
  const [pool] = stamp.pools
  if (!pool) return []
  const { scaleSet, autoscaleSetting } = pool
  const compute = new ComputeManagementClient(options.credential, subscriptionId, onceMoreOptions(options))
  const monitor = new MonitorClient(options.credential, subscriptionId, onceMoreOptions(options))
  const sets = compute.virtualMachineScaleSets
  const check = (name: string, right: string, run: () => Promise<string>): Check => ({
    ...{ check: `${stamp.stamp}: ${name}`, run },
    right: { name: right, role: OBSERVER, at: `the group ${group}` },
  })
  const nodes = async () => {
    let count = 0
    const list = compute.virtualMachineScaleSetVMs.list(group, scaleSet, { expand: 'instanceView' })
    for await (const _ of list) count += 1
    return `${count} nodes`
  }
  const history = async () => {
    await sets.listOSUpgradeHistory(group, scaleSet).next()
    return 'can be read'
  }
  const upgrade = () => compute.virtualMachineScaleSetRollingUpgrades.getLatest(group, scaleSet)
  return [
    check('scale set', `${SCALE_SETS}/read`, async () => {
      const { sku } = await sets.get(group, scaleSet)
      return `${scaleSet} has ${sku?.capacity ?? 'no'} nodes of ${sku?.name ?? 'no size'}`
    }),
    check('ready nodes', `${SCALE_SETS}/virtualMachines/read and …/instanceView/read`, nodes),
    check('instance view', `${SCALE_SETS}/instanceView/read`, async () => {
      await sets.getInstanceView(group, scaleSet)
      return 'can be read'
    }),
    check('minimum', 'Microsoft.Insights/autoscaleSettings/read', async () => {
      const { profiles, enabled } = await monitor.autoscaleSettings.get(group, autoscaleSetting)
      if (enabled === false)
        throw new ToFix(`${autoscaleSetting} is off`, 'turn it on, or raised minimums have no effect')
      return `${autoscaleSetting} has ${profiles.length} profiles`
    }),
    check('rolling upgrades', `${SCALE_SETS}/rollingUpgrades/read`, () => unlessThereIsNone(upgrade)),
    check('upgrade history', `${SCALE_SETS}/osUpgradeHistory/read`, () => unlessThereIsNone(history)),
  ]
}

/** A scale set that was never upgraded has no upgrade, which is an answer. */
async function unlessThereIsNone(call: () => Promise<unknown>): Promise<string> {
  try {
    await call()
    return 'can be read'
  } catch (error) {
    if (isNotFound(error)) return 'none so far'
    throw error
  }
}

function routingCheck(
  regions: AzureMap['regions'],
  { subscriptionId, resourceGroup, profile }: AzureMap['routing'],
  options: ClientOptions,
): Check {
  return {
    check: 'routing: profiles',
    right: {
      name: 'Microsoft.Network/trafficManagerProfiles/read',
      role: 'Restamp router',
      at: `the group ${resourceGroup}`,
    },
    run: async () => {
      const { profiles } = new TrafficManagerManagementClient(
        options.credential,
        subscriptionId,
        onceMoreOptions(options),
      )
      const names: string[] = []
      for await (const { name } of profiles.listByResourceGroup(resourceGroup)) names.push(name ?? '')
      const known = names.filter((name) => regions.some((region) => replicaNamed(profile, name, region.name)))
      const words = `${known.length} of ${names.length} profiles in ${resourceGroup} are named ${profile}`
      if (known.length === 0)
        throw new ToFix(words, 'correct routing.profile in the map, or make the profiles')
      return words
    },
  }
}
