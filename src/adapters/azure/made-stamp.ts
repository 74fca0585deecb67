import { sha256Hex } from '../../domain/canonical.ts'
import type { StampId } from '../../domain/ids.ts'
import type { NewStamp } from '../../ports/provisioning.ts'
import type { AzureMap, AzureRegion, AzureStamp } from './azure-map.ts'

const GROUP_MAX = 90
const DEPLOYMENT_MAX = 64
const RESOURCE_MAX = 64
const HASH_DIGITS = 8

/** Where stamps of one region are made. */
export interface Place {
  readonly region: AzureRegion
  readonly subscriptionId: string
  readonly resourceGroupPrefix: string
  readonly hostSuffix: string
}

/** Every place where stamps may be made. */
export function placesOf({ regions }: AzureMap): Place[] {
  return regions.flatMap((region) => (region.provisioning ? [{ region, ...region.provisioning }] : []))
}

/** By the stamp alone: so ARM itself refuses a second deployment under another key while the first one runs. */
export function deploymentNameOf(stamp: StampId): string {
  return fitted(`restamp-${stamp}`, DEPLOYMENT_MAX)
}

export function groupOf({ resourceGroupPrefix }: Place, stamp: StampId): string {
  return fitted(`${resourceGroupPrefix}${stamp}`, GROUP_MAX)
}

/** Where a made stamp is: each name follows from its own, so that nothing about it has to be kept anywhere. */
export function madeStampAt(
  place: Place,
  { stamp, pools }: Pick<NewStamp, 'stamp'> & { readonly pools: readonly { readonly role: string }[] },
): AzureStamp {
  return {
    stamp,
    subscriptionId: place.subscriptionId,
    resourceGroup: groupOf(place, stamp),
    host: `${stamp.toLowerCase()}.${place.hostSuffix}`,
    pools: pools.map(({ role }) => ({
      role,
      scaleSet: fitted(`vmss-${stamp}-${role}`, RESOURCE_MAX),
      autoscaleSetting: fitted(`scale-${stamp}-${role}`, RESOURCE_MAX),
    })),
  }
}

function fitted(name: string, lengthMax: number): string {
  if (name.length <= lengthMax) return name
  return `${name.slice(0, lengthMax - HASH_DIGITS - 1)}-${sha256Hex(name).slice(0, HASH_DIGITS)}`
}

export function scaleSetIdOf(
  { subscriptionId, resourceGroup }: Pick<AzureStamp, 'subscriptionId' | 'resourceGroup'>,
  { scaleSet }: { readonly scaleSet: string },
): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Compute/virtualMachineScaleSets/${scaleSet}`
}

export function autoscaleIdOf(
  { subscriptionId, resourceGroup }: Pick<AzureStamp, 'subscriptionId' | 'resourceGroup'>,
  { autoscaleSetting }: { readonly autoscaleSetting: string },
): string {
  return `/subscriptions/${subscriptionId}/resourceGroups/${resourceGroup}/providers/Microsoft.Insights/autoscaleSettings/${autoscaleSetting}`
}
