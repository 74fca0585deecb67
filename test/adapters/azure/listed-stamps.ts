import { createStampRegister } from '../../../src/adapters/azure/stamp-register.ts'
import { Fleet, type Stamp } from '../../../src/domain/fleet.ts'
import { type ReplicaId, replicaId, type StampId } from '../../../src/domain/ids.ts'
import type { Binding, Catalog } from '../../../src/ports/catalog.ts'

/** A catalog of one region with one registry, and the register of its stamps, in memory. */
export function listedStamps({ region, home }: { readonly region: string; readonly home: StampId }) {
  const replica = replicaId('busy', region)
  const pool = { nodes: 4, minNodes: 3, maxNodes: 10, vcpusPerNode: 4, relativeSpeed: 1 }
  const pools = [
    { role: 'registry', ...pool },
    { role: 'dataproxy', ...pool },
  ]
  let stamps: Stamp[] = [{ id: home, kind: 'shared', state: 'active', pools }]
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
  const others = (stamp: StampId) => stamps.filter(({ id }) => id !== stamp)
  const register = createStampRegister({
    catalog,
    enterStamp: async (_, stamp) => {
      stamps = [...others(stamp.id), stamp]
    },
    removeStamp: async (_, stamp) => {
      stamps = others(stamp)
    },
  })
  return { catalog, register, replica }
}
