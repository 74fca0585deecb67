// The parts of azure-map.json that a deployment needs; src/adapters/azure/azure-map.ts has the whole of it, and the app is strict about it.

type Pool = {
  scaleSet: string
  #disable-next-line no-explicit-any
  *: any
}

@export()
@description('One stamp: where its scale sets and autoscale settings are.')
type Stamp = {
  subscriptionId: string
  resourceGroup: string
  pools: Pool[]
  #disable-next-line no-explicit-any
  *: any
}

type Region = {
  stamps: Stamp[]
  #disable-next-line no-explicit-any
  *: any
}

type Routing = {
  subscriptionId: string
  resourceGroup: string
  #disable-next-line no-explicit-any
  *: any
}

@export()
@description('All stamps that Restamp looks after, as `restamp init` writes it. No region: nothing is granted yet.')
type AzureMap = {
  regions: Region[]
  routing: Routing?
  #disable-next-line no-explicit-any
  *: any
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
