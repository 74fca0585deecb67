import type { Discovery, FoundWorkspace } from './discovery.ts'
import { placeOfId } from './discovery.ts'
import { type FirstRouting, firstRegistries, firstRouting } from './first-routing.ts'
import { type FirstStamp, firstStamps } from './first-stamps.ts'
import { isSame } from './profile-names.ts'
import { namedPool, type ScaleSetNaming } from './scale-set-naming.ts'
import { toFillIn } from './to-fill-in.ts'

/** Something that a person has to decide or to put right, and how. */
export interface Undecided {
  readonly about: string
  readonly found: string
  readonly todo: string
}

/** What discovery is told by whoever begins it. */
export interface FirstMapAsked {
  readonly naming: ScaleSetNaming
  readonly routing: FirstRouting
  /** Name of the workspace, where a region has several and no tag says which. */
  readonly workspace?: string | undefined
  /** The operator's KQL; see `AzureMap`. */
  readonly loadQuery?: string | undefined
  readonly residueQuery?: string | undefined
  /** vCPUs of a size in a location; undefined where that is not known. */
  readonly vcpusOf: (location: string, size: string) => number | undefined
}

/**
 * A mapping and a fleet as far as they could be found out. What could not holds a mark that no schema takes, and is told of in
 * `undecided`.
 */
export interface FirstMap {
  readonly map: { readonly regions: readonly object[]; readonly routing: object }
  readonly fleet: { readonly regions: readonly object[]; readonly registries: readonly object[] }
  readonly stamps: readonly FirstStamp[]
  /** The workspace of each region that one was found for, with a stamp to ask about. */
  readonly workspaces: readonly RegionWorkspace[]
  readonly undecided: readonly Undecided[]
}

export interface RegionWorkspace {
  readonly region: string
  readonly workspaceId: string
  readonly stamp: string
}

/** Puts together what was discovered. */
export function firstMap(discovery: Discovery, asked: FirstMapAsked): FirstMap {
  const undecided: Undecided[] = []
  const tell = (about: string, found: string, todo: string) => undecided.push({ about, found, todo })
  const pools = discovery.scaleSets.flatMap((scaleSet) => namedPool(scaleSet, asked.naming) ?? [])
  tellUnnamed(discovery, pools.length, tell)
  const stamps = firstStamps(pools, discovery.settings, asked.vcpusOf, tell)
  const names = [...new Set(stamps.map(({ region }) => region))].toSorted()
  const regions = names.map((name) => {
    const here = stamps.filter(({ region }) => region === name)
    return { name, location: locationOf(name, here, tell), here }
  })
  const workspaces: RegionWorkspace[] = []
  const logs = ({ name, location, here: [first] }: (typeof regions)[number]) => {
    const workspace = workspaceOf({ name, location }, discovery.workspaces, asked, tell)
    if (workspace && first)
      workspaces.push({ region: name, workspaceId: workspace.workspaceId, stamp: first.stamp })
    return {
      workspaceId: workspace?.workspaceId ?? toFillIn('id of the Log Analytics workspace'),
      loadQuery: queryOr(asked.loadQuery, { name, option: '--load-query' }, tell),
      residueQuery: queryOr(asked.residueQuery, { name, option: '--residue-query' }, tell),
    }
  }
  return {
    map: {
      regions: regions.map((region) => ({
        ...{ name: region.name, location: region.location, logs: logs(region), provisioning: null },
        stamps: region.here.map(({ onAzure }) => onAzure),
      })),
      routing: firstRouting(discovery.profiles, asked.routing, names, tell),
    },
    fleet: {
      regions: regions.map(({ name, here }) => ({ name, stamps: here.map(({ inFleet }) => inFleet) })),
      registries: firstRegistries(discovery.profiles, asked.routing, regions, tell),
    },
    ...{ stamps, workspaces, undecided },
  }
}

export type Tell = (about: string, found: string, todo: string) => void

function tellUnnamed({ scaleSets }: Discovery, named: number, tell: Tell): void {
  const todo =
    'tag those that are pools of a stamp, or give --name-pattern; what you may not read is not shown, so look at your roles too'
  if (scaleSets.length === 0) tell('scale sets', 'none in these subscriptions', todo)
  else if (named < scaleSets.length)
    tell(
      'scale sets',
      `${scaleSets.length - named} of ${scaleSets.length} are no stamp's, and left out`,
      todo,
    )
}

function locationOf(region: string, stamps: readonly FirstStamp[], tell: Tell): string {
  const [location = '', ...more] = [...new Set(stamps.map((stamp) => stamp.location))]
  if (more.length === 0) return location
  tell(
    region,
    `its stamps lie in ${[location, ...more].join(', ')}`,
    'give each location a region of its own',
  )
  return toFillIn('one location of Azure')
}

function workspaceOf(
  { name, location }: { readonly name: string; readonly location: string },
  workspaces: readonly FoundWorkspace[],
  { naming, workspace: wanted }: FirstMapAsked,
  tell: Tell,
): FoundWorkspace | undefined {
  const tagged = workspaces.filter(({ tags }) => tags[naming.tags.region] === name)
  const named = workspaces.filter((each) => isSame(each.name, wanted))
  const near = workspaces.filter((each) => isSame(each.location, location))
  const candidates = wanted ? named : tagged.length > 0 ? tagged : near
  if (candidates.length === 1) return candidates[0]
  const shown = candidates.map((each) => `${each.name} (${placeOfId(each.id).resourceGroup})`).join(', ')
  tell(
    `logs of ${name}`,
    shown ? `several workspaces: ${shown}` : `no workspace ${wanted ?? `in ${location}`}`,
    `give --workspace NAME, or tag the right one ${naming.tags.region}=${name}`,
  )
  return undefined
}

function queryOr(
  query: string | undefined,
  { name, option }: { readonly name: string; readonly option: string },
  tell: Tell,
): string {
  if (query) return query
  tell(
    `logs of ${name}`,
    `no ${option.slice(2).replace('-', ' ')}`,
    `write it in KQL and give ${option} FILE`,
  )
  return toFillIn(`KQL, by ${option}`)
}
