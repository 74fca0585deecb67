// Grants roles to the run identity in one group of stamps.
param runPrincipalId string
param roleIds string[]

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = [
  for id in roleIds: {
    name: guid(resourceGroup().id, runPrincipalId, id)
    properties: { principalId: runPrincipalId, principalType: 'ServicePrincipal', roleDefinitionId: id }
  }
]
