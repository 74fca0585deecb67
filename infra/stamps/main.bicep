// What Restamp may do in one subscription of stamps. Deployed by ../main.bicep, or by itself by whoever owns the subscription.
targetScope = 'subscription'

import { Grants, Stamp } from '../app/types.bicep'

@description('Principal of the identity that the app runs as.')
param runPrincipalId string

@description('Principal of the identity that makes stamps, which builds them like those of this subscription; empty where none may be made.')
param provisionPrincipalId string = ''

@description('`readOnly` for scans, plans and shadow mode; `moving` once moves are wanted.')
param grants Grants

@description('The stamps of this subscription.')
param stamps Stamp[]

@description('Where the service checks the right to read metrics in batches. A group is narrower; take the subscription where scans are answered with 403.')
param metricsScope 'group' | 'subscription' = 'group'

@description('Action group that tells Restamp of alerts; empty for no alert rules.')
param intakeId string = ''

@description('Percent of CPU of one node above which a stamp is looked at.')
@minValue(1)
@maxValue(100)
param hotPercent int = 70

var groups = items(groupBy(stamps, one => one.resourceGroup))

module roles 'roles.bicep' = {
  name: 'restamp-roles'
}

module group 'group.bicep' = [
  for one in groups: {
    name: 'restamp-group-${uniqueString(one.key)}'
    scope: resourceGroup(one.key)
    params: {
      principalId: runPrincipalId
      roleIds: concat(
        [roles.outputs.observerId],
        metricsScope == 'group' ? [roles.outputs.metricReaderId] : [],
        grants == 'moving' ? [roles.outputs.minimumWriterId] : []
      )
    }
  }
]

module models 'group.bicep' = [
  for one in groups: if (!empty(provisionPrincipalId)) {
    name: 'restamp-models-${uniqueString(one.key)}'
    scope: resourceGroup(one.key)
    params: { principalId: provisionPrincipalId, roleIds: [roles.outputs.modelReaderId] }
  }
]

module alerts 'alerts.bicep' = [
  for one in groups: if (!empty(intakeId)) {
    name: 'restamp-alerts-${uniqueString(one.key)}'
    scope: resourceGroup(one.key)
    params: {
      scaleSets: flatten(map(one.value, stamp => map(stamp.pools, pool => pool.scaleSet)))
      intakeId: intakeId
      hotPercent: hotPercent
    }
  }
]

module whole 'subscription.bicep' = {
  name: 'restamp-subscription'
  params: {
    principalId: runPrincipalId
    roleIds: concat([roles.outputs.eventReaderId], metricsScope == 'subscription' ? [roles.outputs.metricReaderId] : [])
  }
}
