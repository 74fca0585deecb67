import type { StampRegister } from '../../../src/adapters/azure/arm-provisioning.ts'
import { Fleet } from '../../../src/domain/fleet.ts'
import { type ReplicaId, replicaId, type StampId } from '../../../src/domain/ids.ts'
import type { Binding, Catalog } from '../../../src/ports/catalog.ts'

/** A catalog of one region with one registry, and the register of its stamps, in memory. */
export function listedStamps({ region, home }: { readonly region: string; readonly home: StampId }) {
  const replica = replicaId('busy', region)
  const pool = { nodes: 4, minNodes: 3, maxNodes: 10, vcpusPerNode: 4 }
  const pools = [
    { role: 'registry', ...pool },
    { role: 'dataproxy', ...pool },
  ]
  const stamps: { id: string; kind: string; state: string; pools: object[] }[] = [
    { id: home, kind: 'shared', state: 'active', pools },
  ]
  let binding: Binding = { replica, homeStamp: home, epoch: 0, lastMoveKey: null }

  const catalog: Catalog = {
    fleet: async () => {
      const replicas = [{ region, homeStamp: binding.homeStamp }]
      const registries = [{ name: 'busy', customer: 'contoso', replicas }]
      return Fleet.parse({ regions: [{ name: region, stamps }], registries })
    },
    binding: async (asked: ReplicaId) => (asked === replica ? binding : undefined),
    bindings: async () => [binding],
    rebind: async ({ to, moveKey }) => {
      binding = { replica, homeStamp: to, epoch: binding.epoch + 1, lastMoveKey: moveKey }
      return { kind: 'bound', binding }
    },
  }
  const register: StampRegister = {
    stateOf: async (stamp) =>
      Fleet.shape.regions.element.shape.stamps.element.shape.state
        .optional()
        .parse(stamps.find(({ id }) => id === stamp)?.state),
    enter: async (made) => {
      if (stamps.some(({ id }) => id === made.stamp)) return
      const like = made.pools.map(({ role, nodes }) => ({
        role,
        ...pool,
        nodes,
        minNodes: nodes,
        maxNodes: 20,
      }))
      stamps.push({ id: made.stamp, kind: 'isolated', state: 'active', pools: like })
    },
    leave: async (stamp) => {
      const at = stamps.findIndex(({ id }) => id === stamp)
      if (at >= 0) stamps.splice(at, 1)
    },
    replicasOn: async (stamp) => (binding.homeStamp === stamp ? 1 : 0),
  }
  return { catalog, register, replica }
}
