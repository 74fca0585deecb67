@description('Azure region of the account. A serverless account has one.')
param location string

@description('Tags of all resources.')
param tags object

param name string
param database string

@description('Principal of the identity that the app runs as.')
param runPrincipalId string

@description('Copies in three zones of the region, where it has zones.')
param zoneRedundant bool

@description('Where Restamp\'s own network is used, the account is closed to all others.')
param publicNetworkAccess 'Enabled' | 'Disabled'

@description('Workspace that hears of each request.')
param workspaceId string

var items = 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/items'
var reads = [
  'Microsoft.DocumentDB/databaseAccounts/readMetadata'
  'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers/executeQuery'
  '${items}/read'
]
var containers = [
  { name: 'records', paths: ['/collection', '/scope'], role: 'writer' }
  { name: 'audit', paths: ['/collection', '/scope'], role: 'appender' }
  { name: 'bindings', paths: ['/region'], role: 'changer' }
  { name: 'fleet', paths: ['/kind'], role: 'changer' }
]

resource account 'Microsoft.DocumentDB/databaseAccounts@2025-10-15' = {
  name: name
  location: location
  tags: tags
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    capabilities: [{ name: 'EnableServerless' }]
    // A switch, a decision or a lease that one process wrote has to be seen by all others.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    locations: [{ locationName: location, failoverPriority: 0, isZoneRedundant: zoneRedundant }]
    backupPolicy: { type: 'Continuous', continuousModeProperties: { tier: 'Continuous30Days' } }
    disableLocalAuth: true
    disableKeyBasedMetadataWriteAccess: true
    minimalTlsVersion: 'Tls12'
    publicNetworkAccess: publicNetworkAccess
  }
}

resource sql 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2025-10-15' = {
  parent: account
  name: database
  properties: { resource: { id: database } }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2025-10-15' = [
  for one in containers: {
    parent: sql
    name: one.name
    properties: {
      resource: {
        id: one.name
        partitionKey: {
          paths: one.paths
          kind: length(one.paths) == 1 ? 'Hash' : 'MultiHash'
          version: 2
        }
        // Documents live for ever but for those that name their own time.
        defaultTtl: -1
        indexingPolicy: {
          indexingMode: 'consistent'
          includedPaths: [{ path: '/*' }]
          // What a record holds is never asked for in a query, so it need not be paid for at each write.
          excludedPaths: [{ path: '/value/*' }, { path: '/"_etag"/?' }]
        }
      }
    }
  }
]

resource writer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-10-15' = {
  parent: account
  name: guid(account.id, 'writer')
  properties: {
    roleName: 'Restamp writer'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [{ dataActions: concat(reads, ['${items}/create', '${items}/replace']) }]
  }
}

resource appender 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-10-15' = {
  parent: account
  name: guid(account.id, 'appender')
  properties: {
    roleName: 'Restamp appender'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [{ dataActions: concat(reads, ['${items}/create']) }]
  }
}

// Bindings and fleet are entered by whoever sets Restamp up; the app only ever changes what is there.
resource changer 'Microsoft.DocumentDB/databaseAccounts/sqlRoleDefinitions@2025-10-15' = {
  parent: account
  name: guid(account.id, 'changer')
  properties: {
    roleName: 'Restamp changer'
    type: 'CustomRole'
    assignableScopes: [account.id]
    permissions: [{ dataActions: concat(reads, ['${items}/replace']) }]
  }
}

resource may 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2025-10-15' = [
  for (one, at) in containers: {
    parent: account
    name: guid(account.id, one.name, runPrincipalId)
    properties: {
      principalId: runPrincipalId
      roleDefinitionId: one.role == 'appender' ? appender.id : one.role == 'changer' ? changer.id : writer.id
      scope: '${account.id}/dbs/${database}/colls/${container[at].name}'
    }
  }
]

resource log 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'to-workspace'
  scope: account
  properties: {
    workspaceId: workspaceId
    logAnalyticsDestinationType: 'Dedicated'
    logs: [
      { category: 'DataPlaneRequests', enabled: true }
      { category: 'ControlPlaneRequests', enabled: true }
    ]
  }
}

output id string = account.id
output endpoint string = account.properties.documentEndpoint
