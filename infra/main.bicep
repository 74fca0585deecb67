// Restamp in a group of its own, and what it may do at the stamps. docs/deploy.md goes through it from nothing.
targetScope = 'subscription'

import { AzureMap, Grants, Workspace } from 'app/types.bicep'

@description('Name of the environment: names of resources are made of it, and all carry it as a tag.')
@minLength(1)
@maxLength(32)
param environmentName string

@description('Home region: where Restamp itself runs. It looks after stamps of any region from there.')
@metadata({ azd: { type: 'location' } })
param location string

@description('The stamps, as `restamp init` writes them.')
param azureMap AzureMap

@description('Workspaces that the queries of the map ask, with the tables that they name.')
param workspaces Workspace[] = []

@description('What Restamp may do at the stamps. Begin with `readOnly`.')
param grants Grants = 'readOnly'

@description('Subscription, of its own, in which isolation stamps may be made; empty where none may be.')
param provisioningSubscriptionId string = ''

@description('Application id of the registration for sign-in; empty before scripts/azure/sign-in.mjs has made one: then nobody is let in.')
param authClientId string = ''

@description('Object id of the registration, which the action group names when it asks for a token.')
param authObjectId string = ''

@description('Further applications that may ask for tokens: the Azure CLI and Azure Monitor\'s webhook by default. Each needs a role besides.')
param authCallers string[] = ['04b07795-8ddb-461a-bbee-02f9e1bf7b46', '461e8683-5575-4561-ac7f-899cc907d62a']

@description('The scheduler\'s kind.')
param schedulerSku 'Consumption' | 'Dedicated' = 'Consumption'

@description('Units of a Dedicated scheduler; three are highly available.')
@minValue(1)
@maxValue(3)
param schedulerUnits int = 1

@description('A network of Restamp\'s own: data, storage and scheduler are then closed to all others.')
param vnetEnabled bool = false

@description('Addresses of that network, a /24.')
param vnetAddressPrefix string = '10.86.0.0/24'

@description('Copies of the records in three zones; not every region has them for serverless accounts.')
param zoneRedundant bool = false

@description('Copies of payloads and anchors: in three zones, in the paired region, or, where a region has neither, in one place.')
param dataSku 'Standard_ZRS' | 'Standard_GRS' | 'Standard_LRS' = 'Standard_ZRS'

@description('Size of one instance of the app.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048

@description('Instances of the app at most.')
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('Days for which an anchor of the audit can be neither changed nor removed.')
@minValue(1)
param anchorRetentionDays int = 30

@description('Days for which telemetry is kept.')
param telemetryDays int = 90

@description('People who are told of what is wrong with Restamp.')
param operatorEmails string[] = []

@description('Where each scale set may read metrics; see stamps/main.bicep.')
param metricsScope 'group' | 'subscription' = 'group'

@description('Package path of the map that the app reads.')
param mapPath string = 'azure-map.json'

@description('Package path of the policies; empty for the defaults.')
param policyPath string = ''

@description('Package path of the template that isolation stamps are made with; empty where none are made.')
param stampTemplatePath string = ''

@description('Address of your own control plane, where it owns the bindings; empty where Restamp does.')
param calloutUrl string = ''

@description('Audience of the Entra token for it; empty where both sign with a secret.')
param calloutAudience string = ''

@description('Key Vault address of the secret that both sign with; empty for a token.')
param calloutSecretUri string = ''

@description('Form of messages to people.')
param notifyFormat 'generic' | 'teams' | 'slack' = 'generic'

@description('Key Vault address of the secret that holds the channel\'s URL; empty for no channel.')
param notifyUrlSecretUri string = ''

@description('Key Vault address of the secret that signs messages; empty for unsigned ones.')
param notifySecretUri string = ''

@description('Key Vault address of the secret that your ticket system signs with; empty where only people tell of change tickets.')
param ticketSecretUri string = ''

@description('When regions are scanned, in UTC: {second} {minute} {hour} {day} {month} {day of week}.')
param scanSchedule string = '0 0 */6 * * *'

var abbreviations = loadJsonContent('abbreviations.json')
var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }
var taskHub = 'restamp'
var database = 'restamp'
var appName = '${abbreviations.functionApp}${token}'
var publicNetworkAccess = vnetEnabled ? 'Disabled' : 'Enabled'
var bySubscription = items(groupBy(flatten(map(azureMap.regions, one => one.stamps)), one => one.subscriptionId))
var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var cosmosZone = 'privatelink.documents.azure.com'
var schedulerZone = 'privatelink.durabletask.io'
var hasProvisioning = !empty(provisioningSubscriptionId)

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: '${abbreviations.resourceGroup}${environmentName}'
  location: location
  tags: tags
}

module identity 'app/identity.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    runName: '${abbreviations.identity}run-${token}'
    provisionName: '${abbreviations.identity}provision-${token}'
  }
}

module monitoring 'app/monitoring.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    workspaceName: '${abbreviations.logAnalytics}${token}'
    componentName: '${abbreviations.applicationInsights}${token}'
    retentionDays: telemetryDays
    runPrincipalId: identity.outputs.runPrincipalId
  }
}

module roles 'app/roles.bicep' = {
  scope: group
  params: { suffix: token }
}

module storage 'app/storage.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    hostName: '${abbreviations.storage}host${token}'
    dataName: '${abbreviations.storage}data${token}'
    runPrincipalId: identity.outputs.runPrincipalId
    anchorRetentionDays: anchorRetentionDays
    dataSku: dataSku
    publicNetworkAccess: publicNetworkAccess
    workspaceId: monitoring.outputs.workspaceId
    keeperRoleId: roles.outputs.blobKeeperId
  }
}

module cosmos 'app/cosmos.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.cosmos}${token}'
    database: database
    runPrincipalId: identity.outputs.runPrincipalId
    zoneRedundant: zoneRedundant
    publicNetworkAccess: publicNetworkAccess
    workspaceId: monitoring.outputs.workspaceId
  }
}

module scheduler 'app/scheduler.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.scheduler}${token}'
    taskHubName: taskHub
    sku: schedulerSku
    units: schedulerUnits
    ipAllowlist: ['0.0.0.0/0']
    publicNetworkAccess: publicNetworkAccess
    runPrincipalId: identity.outputs.runPrincipalId
    retentionDays: 30
  }
}

module network 'app/network.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    name: '${abbreviations.virtualNetwork}${token}'
    addressPrefix: vnetAddressPrefix
  }
}

module endpoints 'app/private-endpoints.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    location: location
    tags: tags
    networkId: network!.outputs.id
    subnetId: network!.outputs.endpointSubnetId
    zones: [blobZone, cosmosZone, schedulerZone]
    targets: [
      { name: 'host', id: storage.outputs.hostId, group: 'blob', zone: blobZone }
      { name: 'data', id: storage.outputs.dataId, group: 'blob', zone: blobZone }
      { name: 'cosmos', id: cosmos.outputs.id, group: 'Sql', zone: cosmosZone }
      { name: 'scheduler', id: scheduler.outputs.id, group: 'scheduler', zone: schedulerZone }
    ]
  }
}

module functions 'app/functions.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    planName: '${abbreviations.plan}${token}'
    appName: appName
    runId: identity.outputs.runId
    runClientId: identity.outputs.runClientId
    provisionId: hasProvisioning ? identity.outputs.provisionId : ''
    hostAccount: storage.outputs.hostAccount
    packageUrl: storage.outputs.packageUrl
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    subnetId: vnetEnabled ? network!.outputs.appSubnetId : ''
    workspaceId: monitoring.outputs.workspaceId
    settings: union(
      {
        APPLICATIONINSIGHTS_CONNECTION_STRING: monitoring.outputs.connectionString
        APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.outputs.runClientId};Authorization=AAD'
        AZURE_CLIENT_ID: identity.outputs.runClientId
        BLOB_ENDPOINT: storage.outputs.blobEndpoint
        COSMOS_ENDPOINT: cosmos.outputs.endpoint
        COSMOS_DATABASE: database
        DURABLE_TASK_SCHEDULER_CONNECTION_STRING: 'Endpoint=${scheduler.outputs.endpoint};Authentication=ManagedIdentity;ClientID=${identity.outputs.runClientId}'
        TASKHUB_NAME: taskHub
        RESTAMP_MAP: mapPath
        SCAN_SCHEDULE: scanSchedule
        RECONCILE_SCHEDULE: '0 * * * * *'
        SWEEP_SCHEDULE: '30 */5 * * * *'
        AzureWebJobsDisableHomepage: 'true'
        languageWorkers__node__arguments: '--enable-source-maps'
        OVERRIDE_USE_MI_FIC_ASSERTION_CLIENTID: identity.outputs.runClientId
      },
      hasProvisioning ? { PROVISION_CLIENT_ID: identity.outputs.provisionClientId } : {},
      empty(policyPath) ? {} : { RESTAMP_POLICY: policyPath },
      empty(stampTemplatePath) ? {} : { RESTAMP_STAMP_TEMPLATE: stampTemplatePath },
      empty(calloutUrl) ? {} : { RESTAMP_CALLOUT_URL: calloutUrl },
      empty(calloutAudience) ? {} : { RESTAMP_CALLOUT_AUDIENCE: calloutAudience },
      empty(calloutSecretUri) ? {} : { RESTAMP_CALLOUT_SECRET: '@Microsoft.KeyVault(SecretUri=${calloutSecretUri})' },
      empty(notifyUrlSecretUri)
        ? {}
        : {
            RESTAMP_NOTIFY_URL: '@Microsoft.KeyVault(SecretUri=${notifyUrlSecretUri})'
            RESTAMP_NOTIFY_FORMAT: notifyFormat
          },
      empty(notifySecretUri) ? {} : { RESTAMP_NOTIFY_SECRET: '@Microsoft.KeyVault(SecretUri=${notifySecretUri})' },
      empty(ticketSecretUri) ? {} : { RESTAMP_TICKET_SECRET: '@Microsoft.KeyVault(SecretUri=${ticketSecretUri})' }
    )
  }
}

module signIn 'app/sign-in.bicep' = if (!empty(authClientId)) {
  scope: group
  params: {
    appName: appName
    clientId: authClientId
    callers: authCallers
    // Whoever sends there is known by a signature, and by nothing else.
    signedPaths: empty(ticketSecretUri) ? [] : ['/api/v1/ticket-hooks']
  }
  dependsOn: [functions]
}

module alerts 'app/alerts.bicep' = {
  scope: group
  params: {
    location: location
    tags: tags
    intakeName: '${abbreviations.actionGroup}intake-${token}'
    operatorsName: '${abbreviations.actionGroup}operators-${token}'
    intakeUrl: 'https://${functions.outputs.hostName}/api/v1/alerts'
    clientId: authClientId
    registrationObjectId: authObjectId
    operatorEmails: operatorEmails
    workspaceId: monitoring.outputs.workspaceId
  }
}

module workbook 'app/workbook.bicep' = {
  scope: group
  params: { location: location, tags: tags, componentId: monitoring.outputs.componentId }
}

module stamps 'stamps/main.bicep' = [
  for one in bySubscription: {
    name: 'restamp-stamps-${token}-${uniqueString(one.key)}'
    scope: subscription(one.key)
    params: {
      runPrincipalId: identity.outputs.runPrincipalId
      provisionPrincipalId: hasProvisioning ? identity.outputs.provisionPrincipalId : ''
      grants: grants
      stamps: one.value
      metricsScope: metricsScope
      intakeId: alerts.outputs.intakeId
    }
  }
]

module routing 'stamps/routing.bicep' = if (azureMap.?routing != null) {
  name: 'restamp-routing-${token}'
  scope: resourceGroup(azureMap.routing!.subscriptionId, azureMap.routing!.resourceGroup)
  params: { runPrincipalId: identity.outputs.runPrincipalId, grants: grants }
}

module logs 'stamps/logs.bicep' = [
  for one in workspaces: {
    name: 'restamp-logs-${token}-${uniqueString(one.name)}'
    scope: resourceGroup(one.subscriptionId, one.resourceGroup)
    params: {
      runPrincipalId: identity.outputs.runPrincipalId
      workspaceName: one.name
      tables: one.tables
    }
  }
]

module provisioning 'stamps/provisioning.bicep' = if (hasProvisioning) {
  name: 'restamp-provisioning-${token}'
  scope: subscription(provisioningSubscriptionId)
  params: {
    provisionPrincipalId: identity.outputs.provisionPrincipalId
    runPrincipalId: identity.outputs.runPrincipalId
    grants: grants
  }
}

output AZURE_RESOURCE_GROUP string = group.name
output RESTAMP_APP_NAME string = appName
output COSMOS_ENDPOINT string = cosmos.outputs.endpoint
output BLOB_ENDPOINT string = storage.outputs.blobEndpoint
output RESTAMP_URL string = 'https://${functions.outputs.hostName}'
output RESTAMP_RUN_PRINCIPAL_ID string = identity.outputs.runPrincipalId
output RESTAMP_PROVISION_PRINCIPAL_ID string = identity.outputs.provisionPrincipalId
output RESTAMP_INTAKE_ID string = alerts.outputs.intakeId
output RESTAMP_SCHEDULER_DASHBOARD string = scheduler.outputs.dashboardUrl
output RESTAMP_WORKBOOK_ID string = workbook.outputs.id
