using '../../infra/main.bicep'

// All switches on, two regions, stamps in two subscriptions: the names are made up.
param environmentName = 'whole'
param location = 'westeurope'
param grants = 'moving'
param azureMap = loadJsonContent('../../infra/azure-map.example.json')
param workspaces = [
  {
    subscriptionId: '00000000-0000-0000-0000-000000000001'
    resourceGroup: 'rg-logs'
    name: 'log-weu'
    tables: ['InsightsMetrics', 'Tables.Custom']
  }
]
param provisioningSubscriptionId = '00000000-0000-0000-0000-000000000003'
param authClientId = '00000000-0000-0000-0000-00000000c11e'
param authObjectId = '00000000-0000-0000-0000-0000000b0bec'
param schedulerSku = 'Dedicated'
param schedulerUnits = 3
param vnetEnabled = true
param zoneRedundant = true
param operatorEmails = ['operators@example.com']
param policyPath = 'policies.json'
param stampTemplatePath = 'stamp-template.json'
param calloutUrl = 'https://control.example.com/restamp'
param calloutAudience = 'api://control'
param calloutSecretUri = 'https://vault.example.com/secrets/callout'
param notifyFormat = 'teams'
param notifyUrlSecretUri = 'https://vault.example.com/secrets/notify-url'
param notifySecretUri = 'https://vault.example.com/secrets/notify-signing'
param ticketSecretUri = 'https://vault.example.com/secrets/ticket-signing'
