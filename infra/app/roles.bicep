// Roles of the app's own group. Azure's built-in ones for blobs may also delete and overwrite.
@description('Ends the names of roles, which are unique in a tenant.')
param suffix string

var blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'

resource anchorKeeper 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'anchor-keeper')
  properties: {
    roleName: 'Restamp anchor keeper ${suffix}'
    description: 'Keeps heads of audit chains: may add blobs and read them, neither overwrite nor delete any.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: [], notActions: [], dataActions: ['${blobs}/read', '${blobs}/add/action'] }]
  }
}

resource payloadKeeper 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'payload-keeper')
  properties: {
    roleName: 'Restamp payload keeper ${suffix}'
    description: 'Keeps what is too large for durable history: may read and write blobs, and delete none.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: []
        notActions: []
        dataActions: ['${blobs}/read', '${blobs}/write', '${blobs}/add/action']
      }
    ]
  }
}

output anchorKeeperId string = anchorKeeper.id
output payloadKeeperId string = payloadKeeper.id
