import { Operator, Pool } from 'types.bicep'

param location string
param stamp string

@description('Of the public address.')
param dnsLabel string

param pools Pool[]
param operator Operator

var balancerName = 'lbe-${stamp}'
var frontEnd = 'front-end'

resource guard 'Microsoft.Network/networkSecurityGroups@2024-10-01' = {
  name: 'nsg-${stamp}'
  location: location
  properties: {
    securityRules: [
      for (pool, at) in pools: {
        name: 'clients-${pool.role}'
        properties: {
          priority: 100 + at
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: '*'
          destinationPortRange: string(operator.pools[pool.role].nodePort)
        }
      }
    ]
  }
}

resource network 'Microsoft.Network/virtualNetworks@2024-10-01' = {
  name: 'vnet-${stamp}'
  location: location
  properties: {
    addressSpace: { addressPrefixes: [operator.addressPrefix] }
    subnets: [
      {
        name: 'nodes'
        properties: {
          addressPrefix: operator.subnetPrefix
          defaultOutboundAccess: false
          networkSecurityGroup: { id: guard.id }
        }
      }
    ]
  }

  resource nodes 'subnets' existing = {
    name: 'nodes'
  }
}

resource address 'Microsoft.Network/publicIPAddresses@2024-10-01' = {
  name: 'pip-${stamp}'
  location: location
  sku: { name: 'Standard' }
  properties: {
    publicIPAllocationMethod: 'Static'
    dnsSettings: { domainNameLabel: dnsLabel }
  }
}

resource balancer 'Microsoft.Network/loadBalancers@2024-10-01' = {
  name: balancerName
  location: location
  sku: { name: 'Standard' }
  properties: {
    frontendIPConfigurations: [{ name: frontEnd, properties: { publicIPAddress: { id: address.id } } }]
    backendAddressPools: [for pool in pools: { name: pool.role }]
    // A node counts as ready by this probe, and a pool without ready nodes takes no replica.
    probes: [
      for pool in pools: {
        name: pool.role
        properties: {
          protocol: 'Http'
          port: operator.pools[pool.role].probePort
          requestPath: operator.pools[pool.role].probePath
          intervalInSeconds: 5
          numberOfProbes: 2
        }
      }
    ]
    loadBalancingRules: [
      for pool in pools: {
        name: pool.role
        properties: {
          protocol: 'Tcp'
          frontendPort: operator.pools[pool.role].port
          backendPort: operator.pools[pool.role].nodePort
          frontendIPConfiguration: {
            id: resourceId('Microsoft.Network/loadBalancers/frontendIPConfigurations', balancerName, frontEnd)
          }
          backendAddressPool: {
            id: resourceId('Microsoft.Network/loadBalancers/backendAddressPools', balancerName, pool.role)
          }
          probe: { id: resourceId('Microsoft.Network/loadBalancers/probes', balancerName, pool.role) }
          disableOutboundSnat: true
          enableTcpReset: true
        }
      }
    ]
    outboundRules: [
      for pool in pools: {
        name: 'out-${pool.role}'
        properties: {
          protocol: 'All'
          frontendIPConfigurations: [
            { id: resourceId('Microsoft.Network/loadBalancers/frontendIPConfigurations', balancerName, frontEnd) }
          ]
          backendAddressPool: {
            id: resourceId('Microsoft.Network/loadBalancers/backendAddressPools', balancerName, pool.role)
          }
        }
      }
    ]
  }
}

resource scaleSets 'Microsoft.Compute/virtualMachineScaleSets@2025-04-01' = [
  for pool in pools: {
    name: pool.scaleSet
    location: location
    tags: { 'restamp-stamp': stamp, 'restamp-pool': pool.role, 'restamp-like': pool.like }
    sku: { name: pool.sku, capacity: pool.nodes }
    zones: pool.zones
    properties: {
      overprovision: false
      singlePlacementGroup: false
      upgradePolicy: { mode: 'Manual' }
      virtualMachineProfile: {
        storageProfile: {
          imageReference: { id: operator.image }
          osDisk: { createOption: 'FromImage', diskSizeGB: operator.osDiskGb }
        }
        osProfile: {
          computerNamePrefix: take(replace(pool.role, '-', ''), 9)
          adminUsername: operator.adminUsername
          customData: empty(operator.cloudInit) ? null : base64(operator.cloudInit)
          linuxConfiguration: {
            disablePasswordAuthentication: true
            ssh: {
              publicKeys: [
                { path: '/home/${operator.adminUsername}/.ssh/authorized_keys', keyData: operator.sshPublicKey }
              ]
            }
          }
        }
        networkProfile: {
          healthProbe: { id: resourceId('Microsoft.Network/loadBalancers/probes', balancer.name, pool.role) }
          networkInterfaceConfigurations: [
            {
              name: 'nodes'
              properties: {
                primary: true
                ipConfigurations: [
                  {
                    name: 'nodes'
                    properties: {
                      subnet: { id: network::nodes.id }
                      loadBalancerBackendAddressPools: [
                        {
                          id: resourceId(
                            'Microsoft.Network/loadBalancers/backendAddressPools',
                            balancer.name,
                            pool.role
                          )
                        }
                      ]
                    }
                  }
                ]
              }
            }
          ]
        }
      }
    }
  }
]

resource scaling 'Microsoft.Insights/autoscaleSettings@2022-10-01' = [
  for (pool, at) in pools: {
    name: pool.autoscaleSetting
    location: location
    properties: {
      enabled: true
      targetResourceUri: scaleSets[at].id
      profiles: [
        {
          name: 'usual'
          capacity: { minimum: string(pool.nodes), maximum: string(pool.maxNodes), default: string(pool.nodes) }
          rules: [
            {
              metricTrigger: {
                metricName: 'Percentage CPU'
                metricResourceUri: scaleSets[at].id
                timeGrain: 'PT1M'
                statistic: 'Average'
                timeWindow: 'PT5M'
                timeAggregation: 'Average'
                operator: 'GreaterThan'
                threshold: operator.cpuPercentOut
              }
              scaleAction: { direction: 'Increase', type: 'ChangeCount', value: '1', cooldown: 'PT5M' }
            }
            {
              metricTrigger: {
                metricName: 'Percentage CPU'
                metricResourceUri: scaleSets[at].id
                timeGrain: 'PT1M'
                statistic: 'Average'
                timeWindow: 'PT30M'
                timeAggregation: 'Average'
                operator: 'LessThan'
                threshold: operator.cpuPercentIn
              }
              scaleAction: { direction: 'Decrease', type: 'ChangeCount', value: '1', cooldown: 'PT30M' }
            }
          ]
        }
      ]
    }
  }
]
