// The roles of one subscription of stamps. docs/deploy.md says which call needs which of them, and a test holds both together.
targetScope = 'subscription'

var scaleSets = 'Microsoft.Compute/virtualMachineScaleSets'
var definitions = [
  {
    key: 'observer'
    description: 'Sees scale sets, their nodes, rollouts, health and planned maintenance, and autoscale settings.'
    actions: [
      'Microsoft.Insights/autoscaleSettings/read'
      '${scaleSets}/read'
      '${scaleSets}/instanceView/read'
      '${scaleSets}/osUpgradeHistory/read'
      '${scaleSets}/rollingUpgrades/read'
      '${scaleSets}/virtualMachines/read'
      '${scaleSets}/virtualMachines/instanceView/read'
      'Microsoft.Maintenance/applyUpdates/read'
      'Microsoft.Maintenance/updates/read'
      'Microsoft.ResourceHealth/availabilityStatuses/read'
    ]
  }
  {
    key: 'metric reader'
    description: 'Reads metrics.'
    actions: ['Microsoft.Insights/metrics/read']
  }
  {
    key: 'event reader'
    description: 'Asks Resource Graph, and reads events of service health with what they touch.'
    actions: [
      'Microsoft.ResourceGraph/resources/read'
      'Microsoft.ResourceHealth/events/read'
      'Microsoft.ResourceHealth/impactedResources/read'
    ]
  }
  {
    key: 'minimum writer'
    description: 'Raises and lowers the minimum of autoscale settings.'
    actions: ['Microsoft.Insights/autoscaleSettings/write']
  }
  {
    key: 'model reader'
    description: 'Reads what a pool is built of, to build another one like it.'
    actions: ['Microsoft.Compute/virtualMachineScaleSets/read', 'Microsoft.Insights/autoscaleSettings/read']
  }
  {
    key: 'group reader'
    description: 'Finds the groups of stamps that Restamp made, by their tags.'
    actions: ['Microsoft.Resources/subscriptions/resourceGroups/read']
  }
]

resource role 'Microsoft.Authorization/roleDefinitions@2022-04-01' = [
  for one in definitions: {
    name: guid(subscription().id, 'restamp', one.key)
    properties: {
      // Names of roles are unique in a tenant.
      roleName: 'Restamp ${one.key} ${uniqueString(subscription().id)}'
      description: one.description
      type: 'CustomRole'
      assignableScopes: [subscription().id]
      permissions: [{ actions: one.actions, notActions: [], dataActions: [], notDataActions: [] }]
    }
  }
]

output observerId string = role[0].id
output metricReaderId string = role[1].id
output eventReaderId string = role[2].id
output minimumWriterId string = role[3].id
output modelReaderId string = role[4].id
output groupReaderId string = role[5].id
