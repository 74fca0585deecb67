@description('Azure region of the endpoints: that of the network.')
param location string

@description('Tags of all resources.')
param tags object

param networkId string
param subnetId string

@description('What the app reaches inside the network; `zone` is one of `zones`.')
param targets { name: string, id: string, group: string, zone: string }[]

@description('Private DNS zones.')
param zones string[]

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = [
  for one in zones: {
    name: one
    location: 'global'
    tags: tags
  }
]

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [
  for (one, at) in zones: {
    parent: zone[at]
    name: 'restamp'
    location: 'global'
    properties: { registrationEnabled: false, virtualNetwork: { id: networkId } }
  }
]

resource endpoint 'Microsoft.Network/privateEndpoints@2024-10-01' = [
  for one in targets: {
    name: 'pe-${one.name}'
    location: location
    tags: tags
    properties: {
      subnet: { id: subnetId }
      privateLinkServiceConnections: [
        { name: one.name, properties: { privateLinkServiceId: one.id, groupIds: [one.group] } }
      ]
    }
  }
]

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-10-01' = [
  for (one, at) in targets: {
    parent: endpoint[at]
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        { name: one.name, properties: { privateDnsZoneId: zone[indexOf(zones, one.zone)].id } }
      ]
    }
  }
]
