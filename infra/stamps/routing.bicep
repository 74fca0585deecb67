// What moves need in the group of Traffic Manager profiles; deployed to that group.
import { Grants } from '../app/types.bicep'

@description('Principal of the identity that the app runs as.')
param runPrincipalId string

param grants Grants

var profiles = 'Microsoft.Network/trafficManagerProfiles'
var reads = ['${profiles}/read']
var writes = [
  '${profiles}/write'
  '${profiles}/externalEndpoints/write'
  // Endpoints of other kinds are somebody else's: they are disabled where they would lead a moved replica astray.
  '${profiles}/azureEndpoints/write'
  '${profiles}/nestedEndpoints/write'
]

resource router 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'restamp', 'router')
  properties: {
    roleName: 'Restamp router ${uniqueString(resourceGroup().id)}'
    description: 'Reads profiles and endpoints of Traffic Manager, and changes them where moves are granted. Deletes none.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: grants == 'moving' ? concat(reads, writes) : reads
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, runPrincipalId, router.id)
  properties: { principalId: runPrincipalId, principalType: 'ServicePrincipal', roleDefinitionId: router.id }
}
