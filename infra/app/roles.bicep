// The role of the app's own group. Azure's built-in ones for blobs may also delete and overwrite.
@description('Ends the name of the role: names are unique in a tenant.')
param suffix string

var blobs = 'Microsoft.Storage/storageAccounts/blobServices/containers/blobs'

resource blobKeeper 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(resourceGroup().id, 'blob-keeper')
  properties: {
    roleName: 'Restamp blob keeper ${suffix}'
    description: 'Keeps anchors of the audit and what is too large for documents: may add blobs and read them, neither overwrite nor delete any.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [{ actions: [], notActions: [], dataActions: ['${blobs}/read', '${blobs}/add/action'] }]
  }
}

output blobKeeperId string = blobKeeper.id
