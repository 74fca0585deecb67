// One isolation stamp, as Restamp makes it. What differs from one operator to another is in operator.json, which is read when this is
// compiled: Restamp gives all parameters but that one. It makes one group and whatever lies in it, and nothing else:
// what-if is asked before each deployment, and one that would touch anything outside of the group is refused.
targetScope = 'subscription'

import { Operator, Pool } from 'types.bicep'

@description('Azure region of the stamp.')
param location string

@description('Its name.')
param stamp string

@description('Group that is made, and that goes with the stamp.')
param resourceGroup string

@description('Exactly the tags of the group: what is known of the stamp is read back from them.')
param tags object

@description('Host name of its front end. Its first label becomes the DNS label of the public address, so that the map\'s hostSuffix is LOCATION.cloudapp.azure.com, or a zone of yours with a CNAME to that.')
param host string

@description('Its pools, each like one that is there already.')
param pools Pool[]

@description('The operator\'s part. A mark "? fill in" that is left in it is refused by `npm run package`, and by the app.')
param operator Operator = loadJsonContent('operator.json')

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: resourceGroup
  location: location
  tags: tags
}

module parts 'stamp.bicep' = {
  name: 'restamp-stamp-parts'
  scope: group
  params: {
    location: location
    stamp: stamp
    dnsLabel: split(host, '.')[0]
    pools: pools
    operator: operator
  }
}
