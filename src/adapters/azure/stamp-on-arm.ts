import type { DeploymentExtended } from '@azure/arm-resourcesdeployments'
import type { StampState } from '../../ports/provisioning.ts'
import { causeOf } from './arm-fault.ts'
import type { Group } from './arm-groups.ts'
import { keyIn } from './stamp-tags.ts'

const ENDED = ['Succeeded', 'Failed', 'Canceled', 'Deleting', 'Deleted']

/** What ARM has of a stamp's name: the deployment that makes it, and the group that it is. */
export interface StampOnArm {
  readonly deployment: DeploymentExtended | undefined
  readonly group: Group | undefined
}

/** A deployment of ours that has not ended; a finished one is history, whatever it says. */
export function isUnderWay({ deployment }: StampOnArm): boolean {
  if (!deployment || keyIn(deployment.tags) === undefined) return false
  return !ENDED.includes(deployment.properties?.provisioningState ?? 'NotSpecified')
}

export function isBeingDeleted(group: Group): boolean {
  return group.properties.provisioningState === 'Deleting'
}

/** A group of that name which Restamp did not make. */
export function isForeign({ group }: StampOnArm): boolean {
  return group !== undefined && keyIn(group.tags) === undefined
}

/** How far a stamp is, by what ARM has of it. A group that is gone leaves a deployment behind, which says nothing any more. */
export function stateOf({ deployment, group }: StampOnArm, isListed: boolean): StampState {
  const groupKey = keyIn(group?.tags)
  const deploymentKey = keyIn(deployment?.tags)
  if (group && groupKey !== undefined) {
    if (isBeingDeleted(group)) return { kind: 'removing', key: groupKey }
    if (isListed) return { kind: 'active', key: groupKey }
    if (deploymentKey === groupKey && deployment) return madeBy(deployment, groupKey)
    return { kind: 'failed', key: groupKey, reason: `the deployment that made ${group.name} is gone` }
  }
  if (!deployment || deploymentKey === undefined) return { kind: 'absent' }
  const state = madeBy(deployment, deploymentKey)
  return state.kind === 'creating' || isFailed(deployment) ? state : { kind: 'absent' }
}

function madeBy(deployment: DeploymentExtended, key: string): StampState {
  const { provisioningState = 'NotSpecified', error } = deployment.properties ?? {}
  if (!ENDED.includes(provisioningState)) return { kind: 'creating', key }
  if (provisioningState === 'Succeeded') return { kind: 'ready', key }
  const reason = isFailed(deployment) ? causeOf(error) : `its deployment is ${provisioningState}`
  return { kind: 'failed', key, reason }
}

/** Failed with nothing there is told until it is removed: somebody has to hear why. */
export function isFailed({ properties }: DeploymentExtended): boolean {
  return properties?.provisioningState === 'Failed'
}
