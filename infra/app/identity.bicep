@description('Azure region of both identities.')
param location string

@description('Tags of all resources.')
param tags object

@description('Name of the identity that the app runs as.')
param runName string

@description('Name of the identity that only the activities that make and remove stamps use.')
param provisionName string

resource run 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: runName
  location: location
  tags: tags
}

resource provision 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: provisionName
  location: location
  tags: tags
}

output runId string = run.id
output runClientId string = run.properties.clientId
output runPrincipalId string = run.properties.principalId
output provisionId string = provision.id
output provisionClientId string = provision.properties.clientId
output provisionPrincipalId string = provision.properties.principalId
