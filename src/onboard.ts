import { CosmosClient } from '@azure/cosmos'
import { DefaultAzureCredential, type TokenCredential } from '@azure/identity'
import { LogsQueryClient } from '@azure/monitor-query-logs'
import { AzureMap } from './adapters/azure/azure-map.ts'
import { checkLoadQuery, checkResidueQuery, type QueryFound } from './adapters/azure/check-queries.ts'
import { type ClientOptions, onceMoreOptions } from './adapters/azure/client-options.ts'
import type { CatalogContainers } from './adapters/azure/cosmos-catalog.ts'
import { enterFleet } from './adapters/azure/cosmos-fleet.ts'
import { discover, placeOfId } from './adapters/azure/discovery.ts'
import { type FirstMap, firstMap } from './adapters/azure/first-map.ts'
import { type FleetEntry, fleetEntry } from './adapters/azure/fleet-entry.ts'
import { createGraph } from './adapters/azure/graph-rows.ts'
import { createNodeSizes, type SizesIn } from './adapters/azure/node-sizes.ts'
import { DEFAULT_TAGS } from './adapters/azure/scale-set-naming.ts'
import { SettingRefused } from './adapters/callout/setting-refused.ts'
import { readJson } from './adapters/files/json-file.ts'
import type { Fleet } from './domain/fleet.ts'
import { replicaId } from './domain/ids.ts'
import { openAzure } from './open-azure.ts'
import type { Checked } from './ports/checks.ts'
import { appSettings } from './settings.ts'

const CUSTOMER_TAG = 'restamp-customer'
/** Nobody's: the residue query is to answer with zeros for it. */
const NO_REPLICA = 'restamp-check'

/** Where a fleet is entered. */
export interface FleetPlace {
  readonly endpoint: string
  readonly database: string
}

export interface QueriesAsked {
  readonly region: string
  readonly workspaceId: string
  readonly stamp: string
  readonly loadQuery?: string | undefined
  readonly residueQuery?: string | undefined
  readonly nowMs: number
}

/** How a query of a region does. */
export interface CheckedQuery extends Pick<QueryFound, 'outcome' | 'found'> {
  readonly region: string
  readonly query: 'load' | 'residue'
}

export interface DiscoveryAsked {
  readonly subscriptions: readonly string[]
  /** Names of tags, where they are not `restamp-stamp` and so on. */
  readonly tags?: {
    readonly stamp?: string | undefined
    readonly pool?: string | undefined
    readonly region?: string | undefined
  }
  /** Patterns: of scale sets' names, of stamps' hosts, of profiles' names, of replicas' host names. */
  readonly scaleSet?: string | undefined
  readonly host?: string | undefined
  readonly profile?: string | undefined
  readonly endpoint?: string | undefined
  readonly workspace?: string | undefined
  readonly loadQuery?: string | undefined
  readonly residueQuery?: string | undefined
}

/** What `restamp init` does on Azure, as whoever is signed in on this machine. All but `enter` only reads. */
export interface Onboarding {
  /** `sizesUnread` says why vCPUs of a location are not known. */
  discover(asked: DiscoveryAsked): Promise<FirstMap & { readonly sizesUnread: readonly string[] }>
  checkQueries(asked: QueriesAsked): Promise<CheckedQuery[]>
  preview(place: FleetPlace, fleet: Fleet): Promise<FleetEntry>
  enter(place: FleetPlace, fleet: Fleet): Promise<void>
}

export interface OnboardOptions extends Partial<ClientOptions> {
  readonly containersAt?: (place: FleetPlace) => CatalogContainers
}

export function openOnboarding(given: OnboardOptions = {}): Onboarding {
  const credential = given.credential ?? new DefaultAzureCredential()
  const options = { ...given, credential }
  const containersAt =
    given.containersAt ??
    (({ endpoint, database }: FleetPlace) => {
      const own = new CosmosClient({ endpoint, aadCredentials: credential }).database(database)
      return { bindings: own.container('bindings'), fleet: own.container('fleet') }
    })
  return {
    async discover(asked) {
      const found = await discover(createGraph(options), asked.subscriptions)
      const { vcpusOf, unread } = await sizesOf(found.scaleSets, createNodeSizes(options))
      const tags = {
        ...DEFAULT_TAGS,
        stamp: asked.tags?.stamp ?? DEFAULT_TAGS.stamp,
        pool: asked.tags?.pool ?? DEFAULT_TAGS.pool,
        region: asked.tags?.region ?? DEFAULT_TAGS.region,
      }
      const first = firstMap(found, {
        naming: { tags, pattern: asked.scaleSet, host: asked.host },
        routing: { profile: asked.profile, endpoint: asked.endpoint, customerTag: CUSTOMER_TAG },
        ...{ workspace: asked.workspace, loadQuery: asked.loadQuery, residueQuery: asked.residueQuery },
        vcpusOf,
      })
      return { ...first, sizesUnread: unread }
    },
    async checkQueries({ region, workspaceId, stamp, loadQuery, residueQuery, nowMs }) {
      const client = new LogsQueryClient(credential, onceMoreOptions(options))
      const check = { client, workspaceId, nowMs }
      const results: CheckedQuery[] = []
      if (loadQuery) results.push({ region, query: 'load', ...plain(await checkLoadQuery(check, loadQuery)) })
      const of = { replica: replicaId(NO_REPLICA, region), stamp }
      if (residueQuery)
        results.push({ region, query: 'residue', ...plain(await checkResidueQuery(check, residueQuery, of)) })
      return results
    },
    preview: (place, fleet) => fleetEntry(containersAt(place), fleet),
    enter: (place, fleet) => enterFleet(containersAt(place), fleet),
  }
}

const plain = ({ outcome, found }: QueryFound) => ({ outcome, found })

/** Asks once a location; a size that can't be looked up is filled in by hand, so a failure here ends nothing. */
async function sizesOf(
  scaleSets: readonly { readonly id: string; readonly location: string }[],
  sizesIn: SizesIn,
) {
  const sizes = new Map<string, ReadonlyMap<string, number>>()
  const unread: string[] = []
  for (const { id, location } of scaleSets) {
    if (sizes.has(location)) continue
    const none: ReadonlyMap<string, number> = new Map()
    const known = await sizesIn(placeOfId(id).subscriptionId, location).catch((error: unknown) => {
      unread.push(error instanceof Error ? error.message : String(error))
      return none
    })
    sizes.set(location, known)
  }
  const vcpusOf = (location: string, size: string) => sizes.get(location)?.get(size.toLowerCase())
  return { vcpusOf, unread }
}

/** Looks at all that an app with these settings would depend on, under whoever is signed in here. Throws `SettingRefused`. */
export async function examine(
  env: Readonly<Record<string, string | undefined>>,
  map: string,
): Promise<readonly Checked[]> {
  const { place } = appSettings(env)
  if (place.kind !== 'azure')
    throw new SettingRefused(
      'RESTAMP_TWIN is set: a simulated region has nothing on Azure to look at; unset it',
    )
  const parts = await openAzure({
    settings: place.azure,
    map: await readJson(map, AzureMap),
    template: null,
    clock: { nowMs: () => Date.now() },
    note: () => undefined,
  })
  return parts.checks.run()
}

/** Whoever is signed in on this machine: by `az login`, `azd auth login`, a managed identity, or variables of a pipeline. */
export function personalCredential(tenantId?: string): TokenCredential {
  return new DefaultAzureCredential(tenantId === undefined ? {} : { tenantId })
}
