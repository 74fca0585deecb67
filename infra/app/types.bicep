// The parts of azure-map.json that a deployment needs; src/adapters/azure/azure-map.ts has the whole of it.

@export()
@description('One stamp: where its scale sets and autoscale settings are.')
@sealed()
type Stamp = {
  stamp: string
  subscriptionId: string
  resourceGroup: string
  host: string
  pools: { role: string, scaleSet: string, autoscaleSetting: string }[]
}

@export()
type Region = {
  name: string
  location: string
  logs: { workspaceId: string, loadQuery: string, residueQuery: string }
  provisioning: { subscriptionId: string, resourceGroupPrefix: string, hostSuffix: string }?
  stamps: Stamp[]
}

@export()
type Routing = {
  subscriptionId: string
  resourceGroup: string
  profile: string
  endpoint: string
}

@export()
@description('All stamps that Restamp looks after, as `restamp init` writes it. No region: nothing is granted yet.')
type AzureMap = {
  regions: Region[]
  routing: Routing?
}

@export()
@description('A Log Analytics workspace that the queries of azure-map.json ask, with the tables that they name.')
@sealed()
type Workspace = {
  subscriptionId: string
  resourceGroup: string
  name: string
  tables: string[]
}

@export()
@description('`readOnly` grants what scans and plans need; `moving` what moves need besides.')
type Grants = 'readOnly' | 'moving'
