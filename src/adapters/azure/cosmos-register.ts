import { Region, Stamp } from '../../domain/fleet.ts'
import type { StampId } from '../../domain/ids.ts'
import type { StampRegister } from './arm-provisioning.ts'
import type { CatalogContainers } from './cosmos-catalog.ts'
import { enterStamp, removeStamp, stampsOn } from './cosmos-fleet.ts'

/** The catalog on Cosmos DB as provisioning needs it. */
export function createCosmosRegister({ bindings, fleet }: CatalogContainers): StampRegister {
  const regions = async () => (await stampsOn(fleet)).map(({ value }) => value)
  const regionOf = async (stamp: StampId) =>
    (await regions()).find(({ stamps }) => stamps.some(({ id }) => id === stamp))
  return {
    stateOf: async (stamp) => (await regionOf(stamp))?.stamps.find(({ id }) => id === stamp)?.state,
    async enter({ region: name, stamp, customer, pools }) {
      const region = Region.parse((await regions()).find((each) => each.name === name))
      if (region.stamps.some(({ id }) => id === stamp)) return
      const made = { id: stamp, kind: 'isolated', state: 'active', labels: { customer } }
      await enterStamp(
        fleet,
        name,
        Stamp.parse({ ...made, pools: pools.map((pool) => builtLike(region, pool)) }),
      )
    },
    async leave(stamp) {
      const region = await regionOf(stamp)
      if (region) await removeStamp(fleet, region.name, stamp)
    },
    async replicasOn(stamp) {
      const spec = {
        query: 'SELECT * FROM c WHERE c.homeStamp = @stamp',
        parameters: [{ name: '@stamp', value: stamp }],
      }
      return (await bindings.items.query(spec).fetchAll()).resources.length
    },
  }
}

function builtLike(
  { stamps }: Region,
  { role, nodes, like }: { readonly role: string; readonly nodes: number; readonly like: StampId },
) {
  const model = stamps.find(({ id }) => id === like)?.pools.find((pool) => pool.role === role)
  if (!model) throw new Error(`${like} has no pool ${role} to describe a new one by; enter it in the fleet`)
  return { ...model, nodes, minNodes: nodes, maxNodes: Math.max(model.maxNodes, nodes) }
}
