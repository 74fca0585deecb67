// What Azure sees of the stamps of one group, told to Restamp. An alert only ever starts a scan.
@description('Scale sets of the group.')
param scaleSets string[]

@description('Action group that tells Restamp.')
param intakeId string

@description('Percent of CPU of one node above which a stamp is looked at.')
param hotPercent int

resource hotNode 'Microsoft.Insights/metricAlerts@2018-03-01' = [
  for name in scaleSets: {
    name: 'restamp-hot-node-${name}'
    location: 'global'
    properties: {
      description: 'A node was hot for a quarter of an hour. Restamp judges by the hot-node P95; this only makes it look.'
      severity: 3
      enabled: true
      autoMitigate: true
      scopes: [resourceId('Microsoft.Compute/virtualMachineScaleSets', name)]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT15M'
      criteria: {
        'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
        allOf: [
          {
            criterionType: 'StaticThresholdCriterion'
            name: 'hot-node'
            metricNamespace: 'Microsoft.Compute/virtualMachineScaleSets'
            metricName: 'Percentage CPU'
            dimensions: [{ name: 'VMName', operator: 'Include', values: ['*'] }]
            operator: 'GreaterThan'
            threshold: hotPercent
            timeAggregation: 'Average'
          }
        ]
      }
      actions: [{ actionGroupId: intakeId }]
    }
  }
]

resource unhealthy 'Microsoft.Insights/activityLogAlerts@2020-10-01' = {
  name: 'restamp-unhealthy'
  location: 'global'
  properties: {
    description: 'Resource Health calls something of this group unavailable or degraded.'
    enabled: true
    scopes: [resourceGroup().id]
    condition: {
      allOf: [
        { field: 'category', equals: 'ResourceHealth' }
        {
          anyOf: [
            { field: 'properties.currentHealthStatus', equals: 'Unavailable' }
            { field: 'properties.currentHealthStatus', equals: 'Degraded' }
          ]
        }
      ]
    }
    actions: { actionGroups: [{ actionGroupId: intakeId }] }
  }
}
