import { z } from 'zod'
import { type AskGraph, readRows } from './graph-rows.ts'

const Tags = z
  .record(z.string(), z.string())
  .nullish()
  .transform((tags) => tags ?? {})

const ScaleSetRow = z.object({
  ...{ id: z.string(), name: z.string(), location: z.string(), tags: Tags },
  size: z.string().nullish(),
  capacity: z.int().nullish(),
})
export type FoundScaleSet = z.infer<typeof ScaleSetRow>

const Capacity = z.object({ minimum: z.coerce.number().int(), maximum: z.coerce.number().int() })
const SettingRow = z.object({
  ...{ id: z.string(), name: z.string(), target: z.string() },
  enabled: z.boolean().nullish(),
  profiles: z.array(z.object({ capacity: Capacity })).min(1),
})
export type FoundSetting = z.infer<typeof SettingRow>

const Endpoint = z.object({
  name: z.string(),
  properties: z.object({ endpointStatus: z.string().nullish() }).nullish(),
})
const ProfileRow = z.object({
  ...{ id: z.string(), name: z.string(), tags: Tags },
  endpoints: z
    .array(Endpoint)
    .nullish()
    .transform((endpoints) => endpoints ?? []),
})
export type FoundProfile = z.infer<typeof ProfileRow>

const WorkspaceRow = z.object({
  ...{ id: z.string(), name: z.string(), location: z.string(), tags: Tags },
  workspaceId: z.string(),
})
export type FoundWorkspace = z.infer<typeof WorkspaceRow>

/** What lies in some subscriptions of all that a map names. */
export interface Discovery {
  readonly scaleSets: readonly FoundScaleSet[]
  readonly settings: readonly FoundSetting[]
  readonly profiles: readonly FoundProfile[]
  readonly workspaces: readonly FoundWorkspace[]
}

/**
 * Asks Resource Graph for what a map is made of. Rows that the asker may not read are left out without a word, so what is not
 * found may be there all the same. Throws `GraphAnswerPartial`, `GraphRowsUnread`.
 */
export async function discover(ask: AskGraph, subscriptions: readonly string[]): Promise<Discovery> {
  const of = async <T>(row: z.ZodType<T>, type: string, columns: string): Promise<T[]> =>
    readRows(
      type,
      row,
      await ask(
        subscriptions,
        `resources | where type =~ '${type}' | project id, name, ${columns} | order by id asc`,
      ),
    )
  return {
    scaleSets: await of(
      ScaleSetRow,
      'microsoft.compute/virtualmachinescalesets',
      'location, tags, size = tostring(sku.name), capacity = toint(sku.capacity)',
    ),
    settings: await of(
      SettingRow,
      'microsoft.insights/autoscalesettings',
      'target = tostring(properties.targetResourceUri), enabled = tobool(properties.enabled), profiles = properties.profiles',
    ),
    profiles: await of(
      ProfileRow,
      'microsoft.network/trafficmanagerprofiles',
      'tags, endpoints = properties.endpoints',
    ),
    workspaces: await of(
      WorkspaceRow,
      'microsoft.operationalinsights/workspaces',
      'location, tags, workspaceId = tostring(properties.customerId)',
    ),
  }
}

/** Where a resource lies, by its ARM id. */
export function placeOfId(id: string): { readonly subscriptionId: string; readonly resourceGroup: string } {
  const [, subscriptionId, resourceGroup] =
    /^\/subscriptions\/([^/]+)\/resourceGroups\/([^/]+)\//i.exec(id) ?? []
  if (!subscriptionId || !resourceGroup) throw new Error(`${id} is no id of a resource in a group`)
  return { subscriptionId, resourceGroup }
}
