import { ComputeManagementClient } from '@azure/arm-compute'
import { asking } from './azure-fault.ts'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'

/** vCPUs of the sizes of nodes in one location, by the size's name in lower case. Throws the faults of `asking`. */
export type SizesIn = (subscriptionId: string, location: string) => Promise<ReadonlyMap<string, number>>

/** Asks Compute; a size whose vCPUs are constrained counts with those that it has left. */
export function createNodeSizes(options: ClientOptions): SizesIn {
  return async (subscriptionId, location) => {
    const { resourceSkus } = new ComputeManagementClient(
      options.credential,
      subscriptionId,
      onceMoreOptions(options),
    )
    const sizes = new Map<string, number>()
    await asking({ of: `sizes of nodes in ${location}`, role: 'Reader' }, async () => {
      for await (const sku of resourceSkus.list({ filter: `location eq '${location}'` })) {
        const capability = (name: string) =>
          Number(sku.capabilities?.find((each) => each.name === name)?.value ?? Number.NaN)
        const vcpus = [capability('vCPUsAvailable'), capability('vCPUs')].find((value) => value > 0)
        if (sku.resourceType === 'virtualMachines' && sku.name && vcpus)
          sizes.set(sku.name.toLowerCase(), vcpus)
      }
    })
    return sizes
  }
}
