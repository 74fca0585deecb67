@description('Azure region of the scheduler: that of the app.')
param location string

@description('Tags of all resources.')
param tags object

param name string
param taskHubName string

@description('Consumption is billed by the action. Dedicated by units that stand ready; three of them are highly available.')
param sku 'Consumption' | 'Dedicated'

@description('Units of a Dedicated scheduler.')
@minValue(1)
@maxValue(3)
param units int

@description('Addresses that may reach the scheduler; each still needs a token.')
param ipAllowlist string[]

@description('Where Restamp\'s own network is used, the scheduler is closed to all others.')
param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Principal of the identity that the app runs as.')
param runPrincipalId string

@description('Days for which what has ended can be looked at. What an auditor needs lies in Cosmos DB.')
@minValue(1)
@maxValue(30)
param retentionDays int

var durableTaskDataContributor = '0ad04412-c4d5-4796-b79c-f76d14c8d402'

resource scheduler 'Microsoft.DurableTask/schedulers@2026-02-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: sku == 'Dedicated' ? { name: sku, capacity: units } : { name: sku }
    ipAllowlist: ipAllowlist
    publicNetworkAccess: publicNetworkAccess
  }
}

resource hub 'Microsoft.DurableTask/schedulers/taskHubs@2026-02-01' = {
  parent: scheduler
  name: taskHubName
}

resource retention 'Microsoft.DurableTask/schedulers/retentionPolicies@2026-02-01' = {
  parent: scheduler
  name: 'default'
  properties: { retentionPolicies: [{ retentionPeriodInDays: retentionDays }] }
}

resource mayWork 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(hub.id, runPrincipalId, durableTaskDataContributor)
  scope: hub
  properties: {
    principalId: runPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', durableTaskDataContributor)
  }
}

output id string = scheduler.id
output endpoint string = scheduler.properties.endpoint
output dashboardUrl string = hub.properties.dashboardUrl
