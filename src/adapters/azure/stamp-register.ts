import { type Fleet, type Pool, Stamp } from '../../domain/fleet.ts'
import type { RegionName, StampId } from '../../domain/ids.ts'
import type { Catalog } from '../../ports/catalog.ts'
import type { NewStamp } from '../../ports/provisioning.ts'

/** What provisioning asks of whoever keeps the catalog: which stamps it lists, and who is bound to them. */
export interface StampRegister {
  /** How the catalog lists a stamp; undefined where it does not. */
  stateOf(stamp: StampId): Promise<Stamp['state'] | undefined>
  /** Lists a made stamp as isolated and active, each pool like the one it was built after; safe to repeat. */
  enter(made: Omit<NewStamp, 'key'>): Promise<void>
  /** Takes a stamp off the list, so that nothing can be bound to it any more; safe to repeat. */
  leave(stamp: StampId): Promise<void>
  /** How many replicas are bound to it, counted now. */
  replicasOn(stamp: StampId): Promise<number>
}

/** The register over a catalog: read by its port, written by whoever keeps it. */
export function createStampRegister({
  catalog,
  enterStamp,
  removeStamp,
}: {
  readonly catalog: Pick<Catalog, 'fleet' | 'bindings'>
  readonly enterStamp: (region: RegionName, stamp: Stamp) => Promise<void>
  readonly removeStamp: (region: RegionName, stamp: StampId) => Promise<void>
}): StampRegister {
  return {
    async stateOf(stamp) {
      return stampsOf(await catalog.fleet()).find(({ id }) => id === stamp)?.state
    },
    async enter(made) {
      await enterStamp(made.region, listedAs(made, await catalog.fleet()))
    },
    async leave(stamp) {
      const { regions } = await catalog.fleet()
      const region = regions.find(({ stamps }) => stamps.some(({ id }) => id === stamp))
      if (region) await removeStamp(region.name, stamp)
    },
    async replicasOn(stamp) {
      return (await catalog.bindings()).filter(({ homeStamp }) => homeStamp === stamp).length
    },
  }
}

function stampsOf({ regions }: Fleet): Stamp[] {
  return regions.flatMap(({ stamps }) => stamps)
}

function listedAs({ stamp, customer, pools }: Omit<NewStamp, 'key'>, fleet: Fleet): Stamp {
  return Stamp.parse({
    ...{ id: stamp, kind: 'isolated', state: 'active', labels: { customer } },
    pools: pools.map((wanted) => poolLike(wanted, fleet)),
  })
}

function poolLike({ role, nodes, like }: NewStamp['pools'][number], fleet: Fleet): Pool {
  const model = stampsOf(fleet)
    .find(({ id }) => id === like)
    ?.pools.find((pool) => pool.role === role)
  if (!model) throw new Error(`${like} has no pool ${role} in the catalog any more; enter the stamp by hand`)
  return { ...model, nodes, minNodes: nodes, maxNodes: Math.max(model.maxNodes, nodes) }
}
