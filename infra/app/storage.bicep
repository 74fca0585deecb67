@description('Azure region of both accounts.')
param location string

@description('Tags of all resources.')
param tags object

@description('Account of the Functions host: package, locks, schedules. The app may do what the host has to.')
param hostName string

@description('Account of payloads and anchors. The app may do less here: no blob of it is ever taken away.')
param dataName string

@description('Copies of payloads and anchors: an anchor that is lost proves nothing.')
param dataSku 'Standard_ZRS' | 'Standard_GRS' | 'Standard_LRS'

@description('Principal of the identity that the app runs as.')
param runPrincipalId string

@description('Days for which an anchor can neither be changed nor removed. Once the policy is locked, by nobody.')
@minValue(1)
@maxValue(146000)
param anchorRetentionDays int

@description('Where Restamp\'s own network is used, the accounts are closed to all others.')
param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Workspace that hears who writes to and deletes from the data account.')
param workspaceId string

@description('Role that may add blobs and read them.')
param keeperRoleId string

var storageBlobDataOwner = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b'
var packageContainer = 'package'
var closed = {
  allowBlobPublicAccess: false
  allowSharedKeyAccess: false
  defaultToOAuthAuthentication: true
  minimumTlsVersion: 'TLS1_2'
  supportsHttpsTrafficOnly: true
  publicNetworkAccess: publicNetworkAccess
  networkAcls: { bypass: 'None', defaultAction: publicNetworkAccess == 'Enabled' ? 'Allow' : 'Deny' }
}

resource host 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: hostName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: 'Standard_LRS' }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'

    resource package 'containers' = {
      name: packageContainer
    }
  }
}

resource data 'Microsoft.Storage/storageAccounts@2026-04-01' = {
  name: dataName
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: dataSku }
  properties: closed

  resource blobs 'blobServices' = {
    name: 'default'

    resource payloads 'containers' = {
      name: 'payloads'
    }

    resource anchors 'containers' = {
      name: 'anchors'

      resource policy 'immutabilityPolicies' = {
        name: 'default'
        properties: {
          immutabilityPeriodSinceCreationInDays: anchorRetentionDays
          allowProtectedAppendWrites: false
        }
      }
    }
  }
}

resource mayHost 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(host.id, runPrincipalId, storageBlobDataOwner)
  scope: host
  properties: {
    principalId: runPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', storageBlobDataOwner)
  }
}

resource mayAnchor 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(data::blobs::anchors.id, runPrincipalId, keeperRoleId)
  scope: data::blobs::anchors
  properties: {
    principalId: runPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: keeperRoleId
  }
}

resource mayKeepPayloads 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(data::blobs::payloads.id, runPrincipalId, keeperRoleId)
  scope: data::blobs::payloads
  properties: {
    principalId: runPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: keeperRoleId
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: data::blobs
  properties: {
    workspaceId: workspaceId
    logs: [
      { category: 'StorageWrite', enabled: true }
      { category: 'StorageDelete', enabled: true }
    ]
  }
}

output hostAccount string = host.name
output hostId string = host.id
output dataId string = data.id
output packageUrl string = '${host.properties.primaryEndpoints.blob}${packageContainer}'
output blobEndpoint string = data.properties.primaryEndpoints.blob
