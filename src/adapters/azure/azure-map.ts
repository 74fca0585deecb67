import { z } from 'zod'
import { PoolRole } from '../../domain/fleet.ts'
import { RegionName, StampId } from '../../domain/ids.ts'
import { isToFillIn } from './to-fill-in.ts'

const Guid = z.guid()
const ResourceGroup = z.string().regex(/^[-\w.()]{1,90}$/)
const ResourceName = z.string().regex(/^[-\w.]{1,128}$/)
const HostName = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)

const Kql = z
  .string()
  .min(1)
  .refine((text) => !isToFillIn(text), 'expected KQL; it is to be filled in')

const AzurePool = z.strictObject({
  role: PoolRole,
  scaleSet: ResourceName,
  autoscaleSetting: ResourceName,
})

const AzureStamp = z.strictObject({
  stamp: StampId,
  subscriptionId: Guid,
  /** Scale sets and autoscale settings of the stamp's pools lie in it. */
  resourceGroup: ResourceGroup,
  /** Where the stamp's front end is reached: the target of the endpoints that lead to it. */
  host: HostName,
  pools: z.array(AzurePool).min(1),
})

const AzureRegion = z.strictObject({
  name: RegionName,
  /** Azure's own name, such as `westeurope`. */
  location: z.string().regex(/^[a-z0-9]+$/),
  logs: z.strictObject({
    workspaceId: Guid,
    /** KQL that answers with the columns of `replica-load.csv` for [fromTime, toTime), and may tell heartbeats; see `RegionLogs`. */
    loadQuery: Kql,
    /** The interval that the load query sums over. */
    binSeconds: z.int().min(60).max(3600).multipleOf(60).default(60),
    /** KQL that answers in one row what one stamp still serves of one replica; its columns are `RESIDUE_COLUMNS`. */
    residueQuery: Kql,
  }),
  /** Where isolation stamps are made, each in a group of its own; null where none may be. */
  provisioning: z
    .strictObject({ subscriptionId: Guid, resourceGroupPrefix: ResourceGroup, hostSuffix: HostName })
    .nullable(),
  stamps: z.array(AzureStamp).min(1),
})

/** One Traffic Manager profile a replica, with an external endpoint for each stamp of its region, named like the stamp. */
const AzureRouting = z.strictObject({
  subscriptionId: Guid,
  resourceGroup: ResourceGroup,
  /** Names a replica's profile. */
  profile: z.string().regex(/\{registry\}.*\{region\}/, 'expected a pattern with {registry} and {region}'),
  /** The host name by which clients know a replica; it leads to the profile. A synthetic pull asks a stamp for it. */
  endpoint: z
    .string()
    .regex(/\{registry\}/, 'expected a pattern with {registry}, and {region} where it has one'),
  /** What a synthetic pull asks for. A stamp must refuse it for a registry that it does not serve. */
  pullPath: z.string().startsWith('/').default('/v2/'),
  /** Whether a synthetic pull also asks the profile's own name servers where it leads; `off` where DNS may not leave the network. */
  resolve: z.enum(['authoritative', 'off']).default('authoritative'),
  /** The TTL while a move is prepared or under way; a profile with a shorter one keeps it. */
  movingTtlSeconds: z.int().min(1).max(300).default(10),
})

/** Where on Azure the stamps of a fleet are, as `restamp init` writes it: one for all regions, parsed once at start. */
export const AzureMap = z.strictObject({
  regions: z.array(AzureRegion).min(1),
  routing: AzureRouting,
})
export type AzureMap = z.infer<typeof AzureMap>

/** Before anybody has filled it. */
export const EmptyMap = z.strictObject({ regions: z.tuple([]), routing: z.null() })
export type AzureRouting = z.infer<typeof AzureRouting>
export type AzureRegion = z.infer<typeof AzureRegion>
export type AzureStamp = z.infer<typeof AzureStamp>
