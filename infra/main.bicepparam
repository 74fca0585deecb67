using 'main.bicep'

// What differs from one environment to another comes from `azd env set NAME VALUE`.
param environmentName = readEnvironmentVariable('AZURE_ENV_NAME', 'restamp')
param location = readEnvironmentVariable('AZURE_LOCATION', 'westeurope')
param azureMap = loadJsonContent('azure-map.json')
param authClientId = readEnvironmentVariable('RESTAMP_AUTH_CLIENT_ID', '')
param authObjectId = readEnvironmentVariable('RESTAMP_AUTH_OBJECT_ID', '')
param grants = readEnvironmentVariable('RESTAMP_GRANTS', 'readOnly')
param schedulerSku = readEnvironmentVariable('RESTAMP_SCHEDULER_SKU', 'Consumption')
param vnetEnabled = bool(readEnvironmentVariable('RESTAMP_VNET_ENABLED', 'false'))
param provisioningSubscriptionId = readEnvironmentVariable('RESTAMP_PROVISIONING_SUBSCRIPTION', '')
param policyPath = readEnvironmentVariable('RESTAMP_POLICY', '')
param stampTemplatePath = readEnvironmentVariable('RESTAMP_STAMP_TEMPLATE', '')
param calloutUrl = readEnvironmentVariable('RESTAMP_CALLOUT_URL', '')
param calloutAudience = readEnvironmentVariable('RESTAMP_CALLOUT_AUDIENCE', '')
param calloutSecretUri = readEnvironmentVariable('RESTAMP_CALLOUT_SIGNING_SECRET', '')
param notifyFormat = readEnvironmentVariable('RESTAMP_NOTIFY_FORMAT', 'generic')
param notifyUrlSecretUri = readEnvironmentVariable('RESTAMP_NOTIFY_URL_SECRET', '')
param notifySecretUri = readEnvironmentVariable('RESTAMP_NOTIFY_SIGNING_SECRET', '')
param ticketSecretUri = readEnvironmentVariable('RESTAMP_TICKET_SIGNING_SECRET', '')

// Workspaces that the queries of azure-map.json ask, with the tables that they name:
//   { subscriptionId: '…', resourceGroup: '…', name: '…', tables: ['InsightsMetrics', 'Tables.Custom'] }
param workspaces = []

// Who is told of what is wrong with Restamp.
param operatorEmails = []
