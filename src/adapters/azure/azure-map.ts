import { z } from 'zod'
import { PoolRole } from '../../domain/fleet.ts'
import { RegionName, StampId } from '../../domain/ids.ts'

const Guid = z.guid()
const ResourceGroup = z.string().regex(/^[-\w.()]{1,90}$/)
const ResourceName = z.string().regex(/^[-\w.]{1,128}$/)
const HostName = z.string().regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/)

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
    /** KQL that answers with the columns of `replica-load.csv` for [fromTime, toTime). */
    loadQuery: z.string().min(1),
    /** KQL that answers what one stamp still serves of one replica; see `logs-residue.ts`. */
    residueQuery: z.string().min(1),
  }),
  /** Where isolation stamps are made, each in a group of its own; null where none may be. */
  provisioning: z
    .strictObject({ subscriptionId: Guid, resourceGroupPrefix: ResourceGroup, hostSuffix: HostName })
    .nullable(),
  stamps: z.array(AzureStamp).min(1),
})

/** Where on Azure the stamps of a fleet are, as `restamp init` writes it: one for all regions, parsed once at start. */
export const AzureMap = z.strictObject({
  regions: z.array(AzureRegion).min(1),
  /** One Traffic Manager profile a replica, named by this pattern, with an endpoint for each stamp, named like it. */
  routing: z.strictObject({
    subscriptionId: Guid,
    resourceGroup: ResourceGroup,
    profile: z.string().regex(/\{registry\}.*\{region\}/, 'expected a pattern with {registry} and {region}'),
  }),
})
export type AzureMap = z.infer<typeof AzureMap>
export type AzureRegion = z.infer<typeof AzureRegion>
export type AzureStamp = z.infer<typeof AzureStamp>
