import { ComputeManagementClient, type RollingUpgradeRunningStatus } from '@azure/arm-compute'
import { armFault } from './arm-fault.ts'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'
import type { RegionResources, StampScaleSet } from './region-resources.ts'
import type { Asked, Told } from './told-interlock.ts'

const AT_ONCE = 8
const RUNNING: readonly (string | undefined)[] = ['RollingForward', 'RollingBack']
/** No rolling upgrade lasts longer, so that one which began earlier and has ended needs no looking up. */
const UPGRADE_MS_MAX = 86_400_000

/** Rolling upgrades of the scale sets that are there: Resource Graph has none of them, and ARM the last one of each. */
export type RollingUpgrades = (at: RegionResources, asked: Asked) => Promise<Told[]>

export function createRollingUpgrades(options: ClientOptions): RollingUpgrades {
  return async ({ scaleSets }, asked) => {
    const there = scaleSets.filter(({ capacity }) => capacity !== null)
    const told: Told[] = []
    for (let at = 0; at < there.length; at += AT_ONCE) {
      const some = there.slice(at, at + AT_ONCE)
      told.push(...(await Promise.all(some.map((one) => upgradesOf(options, one, asked)))).flat())
    }
    return told
  }
}

/** One that has ended does not say when: the history of OS upgrades does, and else it counts to the end of the span. */
async function upgradesOf(options: ClientOptions, scaleSet: StampScaleSet, asked: Asked): Promise<Told[]> {
  const { subscriptionId, resourceGroup, name } = scaleSet
  const client = new ComputeManagementClient(options.credential, subscriptionId, onceMoreOptions(options))
  const latest = (
    await unlessThereIsNone(client.virtualMachineScaleSetRollingUpgrades.getLatest(resourceGroup, name))
  )?.runningStatus
  const startMs = latest?.startTime?.getTime()
  if (!latest || startMs === undefined) return []
  const untilMs = endOf(latest)
  if (untilMs !== undefined) return [upgrade(scaleSet, latest.code, { fromMs: startMs, untilMs })]
  if (asked.fromMs === asked.toMs || startMs < asked.fromMs - UPGRADE_MS_MAX) return []
  const told: Told[] = []
  const past = client.virtualMachineScaleSets.listOSUpgradeHistory(resourceGroup, name)
  for await (const { properties } of past) {
    const { code, startTime, endTime } = properties?.runningStatus ?? {}
    if (startTime && endTime)
      told.push(upgrade(scaleSet, code, { fromMs: startTime.getTime(), untilMs: endTime.getTime() }))
  }
  // One that began before the span did not run any more when the span began, or nothing would have started then.
  if (startMs < asked.fromMs || told.some(({ fromMs }) => fromMs === startMs)) return told
  return [...told, upgrade(scaleSet, latest.code, { fromMs: startMs, untilMs: asked.toMs })]
}

function endOf({ code, lastAction, lastActionTime }: RollingUpgradeRunningStatus): number | null | undefined {
  if (RUNNING.includes(code)) return null
  return lastAction === 'Cancel' ? lastActionTime?.getTime() : undefined
}

async function unlessThereIsNone<T>(answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (armFault(error)?.statusCode === 404) return undefined
    throw error
  }
}

function upgrade(
  { stamp, name }: StampScaleSet,
  code: string | undefined,
  span: Pick<Told, 'fromMs' | 'untilMs'>,
): Told {
  return { kind: 'rollout', stamp, ...span, words: `a rolling upgrade of ${name} is ${code ?? 'under way'}` }
}
