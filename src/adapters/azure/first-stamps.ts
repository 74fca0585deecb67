import { type FoundSetting, placeOfId } from './discovery.ts'
import type { Tell } from './first-map.ts'
import { isSame } from './profile-names.ts'
import type { NamedPool } from './scale-set-naming.ts'
import { toFillIn } from './to-fill-in.ts'

/** One pool as it is shown; undefined is not known. */
export interface FirstPool {
  readonly role: string
  readonly scaleSet: string
  readonly resourceGroup: string
  readonly nodes: number
  readonly minNodes: number | undefined
  readonly maxNodes: number | undefined
  readonly size: string
  readonly vcpusPerNode: number | undefined
}

/** One stamp as it goes into the mapping and into the fleet. */
export interface FirstStamp {
  readonly region: string
  readonly stamp: string
  readonly location: string
  readonly pools: readonly FirstPool[]
  readonly onAzure: object
  readonly inFleet: object
}

type VcpusOf = (location: string, size: string) => number | undefined

/** Puts pools together to stamps, by name. A stamp that can't be written as one is told of, and left out. */
export function firstStamps(
  pools: readonly NamedPool[],
  settings: readonly FoundSetting[],
  vcpusOf: VcpusOf,
  tell: Tell,
): FirstStamp[] {
  const byStamp = Map.groupBy(pools, ({ stamp }) => stamp)
  return [...byStamp]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([stamp, own]) => {
      const problem = problemOf(own)
      if (problem) {
        tell(stamp, problem, 'correct its tags, or the pattern; it is left out')
        return []
      }
      return firstStamp(own, settings, vcpusOf, tell)
    })
}

function problemOf(pools: readonly NamedPool[]): string | undefined {
  const differ = (of: (pool: NamedPool) => string) => [...new Set(pools.map(of))]
  const groups = differ(({ scaleSet: { id } }) => {
    const { subscriptionId, resourceGroup } = placeOfId(id)
    return `${subscriptionId}/${resourceGroup}`.toLowerCase()
  })
  if (groups.length > 1) return `its pools lie in ${groups.join(' and ')}; expected one group`
  const regions = differ(({ region }) => region)
  if (regions.length > 1) return `its pools are of the regions ${regions.join(' and ')}`
  const twice = pools.find(({ role }, at) => pools.findIndex((pool) => pool.role === role) < at)
  return twice && `it has the pool ${twice.role} twice`
}

function firstStamp(
  pools: readonly NamedPool[],
  settings: readonly FoundSetting[],
  vcpusOf: VcpusOf,
  tell: Tell,
): FirstStamp[] {
  const [first] = pools
  if (!first) return []
  const { region, stamp, kind, scaleSet } = first
  const host = pools.find((pool) => pool.host)?.host
  if (!host) tell(stamp, 'no host of its front end', 'tag a scale set restamp-host, or give --host')
  const found = pools
    .toSorted((a, b) => (a.role < b.role ? -1 : 1))
    .map((pool) => ({ pool, setting: settingOf(pool, settings, tell) }))
  const shown = found.map(({ pool, setting }) => firstPool(pool, setting, vcpusOf, tell))
  const onAzure = {
    ...{ stamp, ...placeOfId(scaleSet.id), host: host ?? toFillIn("host name of the stamp's front end") },
    pools: found.map(({ pool, setting }) => ({
      role: pool.role,
      scaleSet: pool.scaleSet.name,
      autoscaleSetting: setting?.name ?? toFillIn('name of the autoscale setting'),
    })),
  }
  const inFleet = { id: stamp, kind, state: 'active', pools: shown.map(poolInFleet) }
  return [{ region, stamp, location: scaleSet.location, pools: shown, onAzure, inFleet }]
}

/** The mapping looks for a setting in the stamp's group, so one elsewhere does not serve. */
function settingOf(
  { stamp, role, scaleSet }: NamedPool,
  settings: readonly FoundSetting[],
  tell: Tell,
): FoundSetting | undefined {
  const about = `${stamp}/${role}`
  const own = settings.filter(({ target }) => isSame(target, scaleSet.id))
  const [setting] = own
  if (!setting || own.length > 1) {
    const names = own.map(({ name }) => name).join(', ')
    const todo = 'a minimum is changed by exactly one autoscale setting; make one'
    tell(about, names ? `several autoscale settings: ${names}` : 'no autoscale setting', todo)
    return undefined
  }
  if (!isSame(placeOfId(setting.id).resourceGroup, placeOfId(scaleSet.id).resourceGroup)) {
    tell(about, `${setting.name} lies in another group`, "move it to the scale set's group")
    return undefined
  }
  if (setting.enabled === false)
    tell(about, `${setting.name} is off`, 'turn it on, or raised minimums have no effect')
  return setting
}

function firstPool(
  { stamp, role, scaleSet }: NamedPool,
  setting: FoundSetting | undefined,
  vcpusOf: VcpusOf,
  tell: Tell,
): FirstPool {
  const { name, location, size = null, capacity } = scaleSet
  const vcpusPerNode = vcpusOf(location, size ?? '')
  if (vcpusPerNode === undefined)
    tell(
      `${stamp}/${role}`,
      `vCPUs of ${size || 'no size'} are not known`,
      'fill in vcpusPerNode in the fleet',
    )
  const bounds = setting?.profiles.map((profile) => profile.capacity)
  return {
    ...{ role, scaleSet: name, size: size ?? '', vcpusPerNode, nodes: capacity ?? 0 },
    resourceGroup: placeOfId(scaleSet.id).resourceGroup,
    // As `minimumOf` reads them: a schedule may make any of the profiles count.
    minNodes: bounds && Math.min(...bounds.map(({ minimum }) => minimum)),
    maxNodes: bounds && Math.min(...bounds.map(({ maximum }) => maximum)),
  }
}

function poolInFleet({ role, nodes, minNodes, maxNodes, vcpusPerNode }: FirstPool): object {
  return {
    ...{ role, nodes },
    minNodes: minNodes ?? toFillIn('the least number of nodes'),
    maxNodes: maxNodes ?? toFillIn('the greatest number of nodes'),
    vcpusPerNode: vcpusPerNode ?? toFillIn('vCPUs of one node'),
  }
}
