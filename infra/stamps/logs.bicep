// Reading the tables that the queries of azure-map.json name, of one workspace; deployed to its group.
@description('Principal of the identity that the app runs as.')
param runPrincipalId string

param workspaceName string

@description('Tables that may be read, such as `InsightsMetrics`. Custom tables go by the name `Tables.Custom`.')
@minLength(1)
param tables string[]

resource workspace 'Microsoft.OperationalInsights/workspaces@2025-07-01' existing = {
  name: workspaceName
}

resource reader 'Microsoft.Authorization/roleDefinitions@2022-04-01' = {
  name: guid(workspace.id, 'restamp', 'log reader')
  properties: {
    roleName: 'Restamp log reader ${uniqueString(workspace.id)}'
    description: 'Asks one workspace, and reads of it the tables that queries of Restamp name.'
    type: 'CustomRole'
    assignableScopes: [resourceGroup().id]
    permissions: [
      {
        actions: concat(
          ['Microsoft.OperationalInsights/workspaces/read', 'Microsoft.OperationalInsights/workspaces/query/read'],
          map(tables, table => 'Microsoft.OperationalInsights/workspaces/query/${table}/read')
        )
        notActions: []
        dataActions: []
        notDataActions: []
      }
    ]
  }
}

resource granted 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(workspace.id, runPrincipalId, reader.id)
  scope: workspace
  properties: { principalId: runPrincipalId, principalType: 'ServicePrincipal', roleDefinitionId: reader.id }
}
