// Grants roles in one group of stamps.
param principalId string
param roleIds string[]

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in roleIds: {
    name: guid(resourceGroup().id, principalId, id)
    properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: id }
  }
]
