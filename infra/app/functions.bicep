@description('Azure region of the app.')
param location string

@description('Tags of all resources.')
param tags object

param planName string
param appName string

@description('Resource id of the identity that the app runs as.')
param runId string

param runClientId string

@description('Resource id of the identity that makes and removes stamps; empty where none may be made.')
param provisionId string

@description('Account of the Functions host, and the container that the package is put into.')
param hostAccount string

param packageUrl string

@description('Size of one instance.')
param instanceMemoryMB 512 | 2048 | 4096

@description('Instances at most, of all functions together.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int

@description('Subnet that the app sends from; empty without a network of its own.')
param subnetId string

@description('What the app reads at its start. No value of it is a secret.')
param settings object

@description('Workspace that hears of the host\'s own log.')
param workspaceId string

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: appName
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: union({ '${runId}': {} }, empty(provisionId) ? {} : { '${provisionId}': {} })
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    publicNetworkAccess: 'Enabled'
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    keyVaultReferenceIdentity: runId
    siteConfig: { minTlsVersion: '1.2', scmMinTlsVersion: '1.2', http20Enabled: true }
    functionAppConfig: {
      runtime: { name: 'node', version: '24' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        // A run goes on within a minute only where somebody is there to go on with it.
        alwaysReady: [{ name: 'durable', instanceCount: 1 }]
      }
      deployment: {
        storage: {
          type: 'blobContainer'
          value: packageUrl
          authentication: { type: 'UserAssignedIdentity', userAssignedIdentityResourceId: runId }
        }
      }
    }
  }

  resource values 'config' = {
    name: 'appsettings'
    properties: union(settings, {
      AzureWebJobsStorage__accountName: hostAccount
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: runClientId
    })
  }

  // Packages come by Entra ID alone: no user name and password is there to be had.
  resource noFtp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }

  resource noBasic 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }
}

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: app
  properties: {
    workspaceId: workspaceId
    logs: [{ category: 'FunctionAppLogs', enabled: true }]
    metrics: [{ category: 'AllMetrics', enabled: true }]
  }
}

output id string = app.id
output hostName string = app.properties.defaultHostName
