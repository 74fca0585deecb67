import type { Container, Item } from '@azure/cosmos'
import { z } from 'zod'
import { type Fleet, Region, Registry } from '../../domain/fleet.ts'
import { fleetNow } from '../../domain/fleet-now.ts'
import { partsOf, type RegionName, ReplicaId, StampId } from '../../domain/ids.ts'
import {
  type Binding,
  type Catalog,
  type RebindOutcome,
  ReplicaUnknown,
  StampUnknown,
} from '../../ports/catalog.ts'
import { asked, codeOf, isUnanswered, PRECONDITION_FAILED, TRIES_MAX, written } from './cosmos-answers.ts'
import { documentId } from './cosmos-document.ts'

/** Key paths of the two containers: a region's bindings lie together, as do all regions and all registries. */
export const BINDINGS_PARTITION = '/region'
export const FLEET_PARTITION = '/kind'

export interface CatalogContainers {
  /** One document a replica, keyed by its region. */
  readonly bindings: Container
  /** One document a region, with its stamps, and one a registry. */
  readonly fleet: Container
}

type ScaleOf = Parameters<typeof fleetNow>[1]['scaleOf']

const StoredBinding = z.object({
  replica: ReplicaId,
  homeStamp: StampId,
  epoch: z.int(),
  lastMoveKey: z.string().nullable(),
})

/**
 * The catalog where the platform lets Restamp own it. A re-bind is one conditional patch of one document, which carries epoch
 * and last move key; what a lost answer left open is read back. `scales` tells how many nodes the pools have now.
 */
export class CosmosCatalog implements Catalog {
  readonly #bindings: Container
  readonly #fleet: Container
  readonly #scales: (fleet: Fleet) => Promise<ScaleOf>

  constructor(containers: CatalogContainers, scales: (fleet: Fleet) => Promise<ScaleOf>) {
    this.#bindings = containers.bindings
    this.#fleet = containers.fleet
    this.#scales = scales
  }

  async fleet(): Promise<Fleet> {
    const [regions, registries, bindings] = await Promise.all([
      this.#all('region', Region),
      this.#all('registry', Registry),
      this.bindings(),
    ])
    const homes = new Map(bindings.map(({ replica, homeStamp }) => [replica, homeStamp]))
    const fleet = { regions, registries }
    return fleetNow(fleet, {
      homeOf: (replica) => homes.get(replica),
      scaleOf: await this.#scales(fleet),
    })
  }

  async binding(replica: ReplicaId): Promise<Binding | undefined> {
    const { resource } = await asked(() => this.#item(replica).read<object>())
    return resource === undefined ? undefined : StoredBinding.parse(resource)
  }

  async bindings(): Promise<readonly Binding[]> {
    const { resources } = await asked(() => this.#bindings.items.query<unknown>('SELECT * FROM c').fetchAll())
    return resources.map((resource) => StoredBinding.parse(resource))
  }

  async rebind(move: Parameters<Catalog['rebind']>[0]): Promise<RebindOutcome> {
    const { replica, to, expectedEpoch, moveKey } = move
    const before = await this.binding(replica)
    if (!before) throw new ReplicaUnknown(`${replica} is no replica of this fleet; look it up with the fleet`)
    await this.#checkStamp(partsOf(replica).region, to)
    if (before.lastMoveKey === moveKey) return { kind: 'alreadyBound', binding: before }
    if (before.epoch !== expectedEpoch) return { kind: 'stale', binding: before }
    for (let attempt = 1; ; attempt += 1) {
      try {
        await written(() => this.#item(replica).patch(bindingPatch(move)))
        break
      } catch (error) {
        const outcome = await this.#afterwards(move, error)
        if (outcome) return outcome
        if (attempt === TRIES_MAX) throw error
      }
    }
    return {
      kind: 'bound',
      binding: { replica, homeStamp: to, epoch: expectedEpoch + 1, lastMoveKey: moveKey },
    }
  }

  /** What came of a re-bind that was refused, or whose outcome nobody knows; undefined where it was never made. Others are thrown on. */
  async #afterwards(
    { replica, expectedEpoch, moveKey }: Parameters<Catalog['rebind']>[0],
    error: unknown,
  ): Promise<RebindOutcome | undefined> {
    const code = codeOf(error)
    if (code !== PRECONDITION_FAILED && !isUnanswered(code)) throw error
    const binding = await this.binding(replica)
    if (binding?.lastMoveKey === moveKey) return { kind: 'bound', binding }
    return binding && binding.epoch !== expectedEpoch ? { kind: 'stale', binding } : undefined
  }

  async #checkStamp(region: RegionName, to: StampId): Promise<void> {
    const stamps = (await this.#region(region))?.stamps ?? []
    if (stamps.some(({ id }) => id === to)) return
    const known = stamps.map(({ id }) => id).join(', ')
    throw new StampUnknown(`${to} is no stamp of ${region}; pick one of ${known}`)
  }

  async #region(name: RegionName): Promise<Region | undefined> {
    const { resource } = await asked(() =>
      this.#fleet.item(documentId(name), 'region').read<{ value?: unknown }>(),
    )
    return resource === undefined ? undefined : Region.parse(resource.value)
  }

  async #all<T>(kind: 'region' | 'registry', schema: z.ZodType<T>): Promise<T[]> {
    const spec = {
      query: 'SELECT * FROM c WHERE c.kind = @kind',
      parameters: [{ name: '@kind', value: kind }],
    }
    const { resources } = await asked(() =>
      this.#fleet.items.query<{ value?: unknown }>(spec, { partitionKey: kind }).fetchAll(),
    )
    return resources.map(({ value }) => schema.parse(value))
  }

  #item(replica: ReplicaId): Item {
    return this.#bindings.item(documentId(replica), partsOf(replica).region)
  }
}

function bindingPatch({ to, expectedEpoch, moveKey }: Parameters<Catalog['rebind']>[0]) {
  return {
    condition: `from c where c.epoch = ${expectedEpoch}`,
    operations: [
      { op: 'set', path: '/homeStamp', value: to } as const,
      { op: 'set', path: '/lastMoveKey', value: moveKey } as const,
      { op: 'incr', path: '/epoch', value: 1 } as const,
    ],
  }
}
