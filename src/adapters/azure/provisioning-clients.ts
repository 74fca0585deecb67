import { ComputeManagementClient } from '@azure/arm-compute'
import { MonitorClient } from '@azure/arm-monitor'
import {
  type Deployment,
  DeploymentsClient,
  type DeploymentsGetAtSubscriptionScopeOptionalParams,
} from '@azure/arm-resourcesdeployments'
import type { StampId } from '../../domain/ids.ts'
import { armFault, causeOf, errorIn } from './arm-fault.ts'
import { type ArmGroups, createArmGroups } from './arm-groups.ts'
import type { AzureStamp } from './azure-map.ts'
import { type ClientOptions, onceMoreOptions } from './client-options.ts'
import { deploymentNameOf, groupOf, type Place, scaleSetIdOf } from './made-stamp.ts'
import type { StampOnArm } from './stamp-on-arm.ts'
import type { PoolModel } from './stamp-template.ts'
import type { Foreseen } from './what-if.ts'

const WHAT_IF_WITHIN_MS = 5 * 60_000
const WHAT_IF_PAUSE_MS = 2000

/** What is asked of ARM in one place where stamps are made. What goes wrong is thrown as the SDK throws it; nothing is repeated. */
export interface PlaceClient {
  readonly groups: ArmGroups
  find(stamp: StampId): Promise<StampOnArm>
  /**
   * What a deployment would do; failed with the cause, where ARM does not take it. It has no effect, so that waiting for it
   * here may be cut off at any time.
   */
  whatIf(stamp: StampId, deployment: Deployment): Promise<Foreseen>
  /** Hands a deployment in; `active`: one of that name runs already, `refused`: ARM does not take it. Nothing was done then. */
  begin(
    stamp: StampId,
    deployment: Deployment,
  ): Promise<{ readonly kind: 'begun' | 'active' } | { readonly kind: 'refused'; readonly reason: string }>
  /** Stops a deployment; one that has ended meanwhile is fine. */
  cancel(stamp: StampId): Promise<void>
  /** Forgets a deployment that has ended; what it made stays. */
  forget(stamp: StampId): Promise<void>
}

export function groupsAt(options: ClientOptions): (place: Place) => ArmGroups {
  return ({ subscriptionId }) => {
    const { pipeline } = new DeploymentsClient(options.credential, subscriptionId, onceMoreOptions(options))
    return createArmGroups({ pipeline, subscriptionId, httpClient: options.httpClient })
  }
}

export function createPlaceClient(options: ClientOptions, place: Place): PlaceClient {
  const { subscriptionId } = place
  const { deployments, pipeline } = new DeploymentsClient(
    options.credential,
    subscriptionId,
    onceMoreOptions(options),
  )
  const groups = createArmGroups({ pipeline, subscriptionId, httpClient: options.httpClient })
  return {
    groups,
    async find(stamp) {
      // The deployment first: were it to end between the two, a group that is not there yet would count as gone.
      const deployment = await unlessStatus(404, deployments.getAtSubscriptionScope(deploymentNameOf(stamp)))
      return { deployment, group: await groups.read(groupOf(place, stamp)) }
    },
    async whatIf(stamp, { location, properties }) {
      const wanted = {
        ...(location ? { location } : {}),
        properties: { ...properties, whatIfSettings: { resultFormat: 'FullResourcePayloads' as const } },
      }
      const { options: heard, refusal } = hearRefusal()
      const poller = deployments.whatIfAtSubscriptionScope(deploymentNameOf(stamp), wanted, {
        ...heard,
        updateIntervalInMs: WHAT_IF_PAUSE_MS,
        abortSignal: AbortSignal.timeout(WHAT_IF_WITHIN_MS),
      })
      return poller.pollUntilDone().catch((error: unknown) => {
        if (armFault(error)?.statusCode !== 400) throw error
        return { status: 'Failed', error: refusal() }
      })
    },
    async begin(stamp, deployment) {
      const { options: heard, refusal } = hearRefusal()
      const name = deploymentNameOf(stamp)
      try {
        await deployments.createOrUpdateAtSubscriptionScope(name, deployment, heard).submitted()
        return { kind: 'begun' }
      } catch (error) {
        const fault = armFault(error)
        if (fault?.code === 'DeploymentActive') return { kind: 'active' }
        if (fault?.statusCode === 400) return { kind: 'refused', reason: causeOf(refusal()) }
        throw error
      }
    },
    async cancel(stamp) {
      await unlessStatus(
        409,
        unlessStatus(404, deployments.cancelAtSubscriptionScope(deploymentNameOf(stamp))),
      )
    },
    async forget(stamp) {
      await unlessStatus(404, deployments.deleteAtSubscriptionScope(deploymentNameOf(stamp)).submitted())
    },
  }
}

function hearRefusal() {
  let body: unknown
  const onResponse: NonNullable<DeploymentsGetAtSubscriptionScopeOptionalParams['onResponse']> = ({
    status,
    parsedBody,
  }) => {
    if (status === 400) body = parsedBody
  }
  return { options: { onResponse }, refusal: () => errorIn(body) ?? {} }
}

async function unlessStatus<T>(status: number, answer: Promise<T>): Promise<T | undefined> {
  try {
    return await answer
  } catch (error) {
    if (armFault(error)?.statusCode === status) return undefined
    throw error
  }
}

/** What one pool of a stamp is built of, read from its scale set and the setting over it. */
export async function modelOf(options: ClientOptions, stamp: AzureStamp, role: string): Promise<PoolModel> {
  const { subscriptionId, resourceGroup, pools } = stamp
  const pool = pools.find((each) => each.role === role)
  if (!pool) throw new Error(`${stamp.stamp} has no pool ${role} to build one like; nothing was made`)
  const compute = new ComputeManagementClient(options.credential, subscriptionId, onceMoreOptions(options))
  const monitor = new MonitorClient(options.credential, subscriptionId, onceMoreOptions(options))
  const { sku, zones } = await compute.virtualMachineScaleSets.get(resourceGroup, pool.scaleSet)
  const { profiles } = await monitor.autoscaleSettings.get(resourceGroup, pool.autoscaleSetting)
  if (!sku?.name) throw new Error(`${pool.scaleSet} has no size to build one like; nothing was made`)
  const maxNodes = Math.max(...profiles.map(({ capacity }) => Number(capacity.maximum)))
  return { role, scaleSetId: scaleSetIdOf(stamp, pool), sku: sku.name, zones: zones ?? [], maxNodes }
}
