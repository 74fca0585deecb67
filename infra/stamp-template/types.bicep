@export()
@description('One pool, as Restamp asks for it.')
type Pool = {
  @description('Its job; operator.json has an entry of this name.')
  role: string
  @description('How many nodes it starts with, and its minimum.')
  nodes: int
  @description('Greatest number of nodes.')
  maxNodes: int
  scaleSet: string
  autoscaleSetting: string
  @description('Size of its nodes.')
  sku: string
  zones: string[]
  @description('Scale set that it is like.')
  like: string
}

@export()
@description('What only the operator knows; operator.json.')
type Operator = {
  @description('Id of a version of a gallery image.')
  image: string
  adminUsername: string
  sshPublicKey: string
  @description('Read by cloud-init on each node; empty for none.')
  cloudInit: string
  addressPrefix: string
  subnetPrefix: string
  @description('By role of a pool.')
  pools: { *: Port }
  osDiskGb: int
  @description('Average CPU of a pool above which a node is added.')
  cpuPercentOut: int
  @description('And below which one is taken away.')
  cpuPercentIn: int
}

@description('Where clients reach a pool, and where its nodes answer.')
type Port = {
  port: int
  nodePort: int
  probePort: int
  probePath: string
}
