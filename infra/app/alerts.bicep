// Two ways of alerts: what Azure sees of stamps comes to Restamp, what is wrong with Restamp goes to people.
@description('Azure region of the query rules.')
param location string

@description('Tags of all resources.')
param tags object

param intakeName string
param operatorsName string

@description('Where Restamp takes alerts in.')
param intakeUrl string

@description('Application id of the registration; empty where nobody can sign in, so that no alert could be taken in.')
param clientId string

@description('Object id of the registration, which Azure Monitor asks for its token.')
param registrationObjectId string

@description('People who hear of what is wrong with Restamp.')
param operatorEmails string[]

@description('Workspace that the rules ask.')
param workspaceId string

var rules = [
  {
    name: 'restamp-silent'
    severity: 1
    description: 'The reconciler has not run for 15 minutes: nothing moves, and routes are not compared with bindings.'
    query: 'union AppRequests, AppDependencies | where OperationName == "reconcile"'
    operator: 'LessThan'
    threshold: 1
    window: 'PT15M'
  }
  {
    name: 'restamp-functions-fail'
    severity: 2
    description: 'More than 20 invocations failed within 15 minutes.'
    query: 'AppRequests | where Success == false'
    operator: 'GreaterThan'
    threshold: 20
    window: 'PT15M'
  }
  {
    name: 'restamp-not-anchored'
    severity: 2
    description: 'A chain of the audit could not be anchored where the app can not rewrite it.'
    query: 'AppTraces | where Message startswith "the audit was not anchored"'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT1H'
  }
  {
    name: 'restamp-run-not-swept'
    severity: 2
    description: 'A run could not be looked at by the sweep; it may wait for an event that it missed.'
    query: 'AppTraces | where Message startswith "a run was not swept"'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT1H'
  }
  {
    name: 'restamp-gate-waits'
    severity: 3
    description: 'A gate has waited for an answer for more than eight hours.'
    query: 'AppMetrics | where Name == "restamp.gate.waiting" and Max > 480'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT1H'
  }
  {
    name: 'restamp-looks-late'
    severity: 2
    description: 'A region was last looked at more than thirteen hours ago, though it is due every six.'
    query: 'AppMetrics | where Name == "restamp.scan.age" and Max > 780'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT1H'
  }
  {
    name: 'restamp-mispredicts'
    severity: 3
    description: 'Nothing is proposed for a pool until somebody has accepted why its predictions missed.'
    query: 'AppMetrics | where Name == "restamp.prediction.stopped_pools" and Max > 0'
    operator: 'GreaterThan'
    threshold: 0
    window: 'PT1H'
  }
]

resource intake 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(clientId)) {
  name: intakeName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'restamp'
    webhookReceivers: [
      {
        name: 'restamp'
        serviceUri: intakeUrl
        useCommonAlertSchema: true
        useAadAuth: true
        objectId: registrationObjectId
        identifierUri: 'api://${clientId}'
        tenantId: tenant().tenantId
      }
    ]
  }
}

resource operators 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: operatorsName
  location: 'global'
  tags: tags
  properties: {
    enabled: true
    groupShortName: 'restampops'
    emailReceivers: [
      for (address, at) in operatorEmails: { name: 'operator-${at}', emailAddress: address, useCommonAlertSchema: true }
    ]
  }
}

resource rule 'Microsoft.Insights/scheduledQueryRules@2026-03-01' = [
  for one in rules: {
    name: one.name
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: one.name
      description: one.description
      severity: one.severity
      enabled: true
      autoMitigate: true
      evaluationFrequency: 'PT5M'
      windowSize: one.window
      scopes: [workspaceId]
      criteria: {
        allOf: [
          {
            query: one.query
            timeAggregation: 'Count'
            operator: one.operator
            threshold: one.threshold
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [operators.id] }
    }
  }
]

output intakeId string = empty(clientId) ? '' : intake.id
