// What the second identity may do in the subscription that isolation stamps are made in. It may remove every group there,
// so the subscription has to be one of its own.
targetScope = 'subscription'

import { Grants } from '../app/types.bicep'

@description('Principal of the identity that makes and removes stamps. The app runs as another.')
param provisionPrincipalId string

@description('Principal of the identity that the app runs as: it looks after stamps that were made here as after all others.')
param runPrincipalId string

@description('Whether it may also raise and lower their minimums.')
param grants Grants

var network = 'Microsoft.Network'

module roles 'roles.bicep' = {
  name: 'restamp-roles-of-made-stamps'
}

module watched 'subscription.bicep' = {
  name: 'restamp-made-stamps'
  params: {
    principalId: runPrincipalId
    roleIds: concat(
      [roles.outputs.groupReaderId, roles.outputs.observerId, roles.outputs.metricReaderId],
      grants == 'moving' ? [roles.outputs.minimumWriterId] : []
    )
  }
}

resource provisioner 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(subscription().id, 'restamp', 'provisioner')
  properties: {
    roleName: 'Restamp provisioner ${uniqueString(subscription().id)}'
    description: 'Makes a group with a stamp by a deployment, and removes it. Grants nobody anything.'
    type: 'CustomRole'
    assignableScopes: [subscription().id]
    permissions: [
      {
        actions: [
          'Microsoft.Resources/subscriptions/resourceGroups/read'
          'Microsoft.Resources/subscriptions/resourceGroups/write'
          'Microsoft.Resources/subscriptions/resourceGroups/delete'
          'Microsoft.Resources/deployments/read'
          'Microsoft.Resources/deployments/write'
          'Microsoft.Resources/deployments/whatIf/action'
          'Microsoft.Resources/deployments/cancel/action'
          'Microsoft.Resources/deployments/delete'
          'Microsoft.Resources/deployments/operationstatuses/read'
          'Microsoft.Resources/subscriptions/operationresults/read'
          'Microsoft.Compute/virtualMachineScaleSets/read'
          'Microsoft.Compute/virtualMachineScaleSets/write'
          'Microsoft.Compute/virtualMachineScaleSets/delete'
          'Microsoft.Insights/autoscaleSettings/read'
          'Microsoft.Insights/autoscaleSettings/write'
          'Microsoft.Insights/autoscaleSettings/delete'
          '${network}/loadBalancers/read'
          '${network}/loadBalancers/write'
          '${network}/loadBalancers/delete'
          '${network}/loadBalancers/backendAddressPools/join/action'
          '${network}/loadBalancers/probes/join/action'
          '${network}/networkSecurityGroups/read'
          '${network}/networkSecurityGroups/write'
          '${network}/networkSecurityGroups/delete'
          '${network}/networkSecurityGroups/join/action'
          '${network}/publicIPAddresses/read'
          '${network}/publicIPAddresses/write'
          '${network}/publicIPAddresses/delete'
          '${network}/publicIPAddresses/join/action'
          '${network}/virtualNetworks/read'
          '${network}/virtualNetworks/write'
          '${network}/virtualNetworks/delete'
          '${network}/virtualNetworks/subnets/read'
          '${network}/virtualNetworks/subnets/write'
          '${network}/virtualNetworks/subnets/join/action'
        ]
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(subscription().id, provisionPrincipalId, provisioner.id)
  properties: {
    principalId: provisionPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: provisioner.id
  }
}
