// Grants what can only be asked of a subscription as a whole.
targetScope = 'subscription'

param principalId string
param roleIds string[]

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in roleIds: {
    name: guid(subscription().id, principalId, id)
    properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: id }
  }
]
