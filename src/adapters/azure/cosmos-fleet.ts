import type { Container } from '@azure/cosmos'
import { z } from 'zod'
import { type Fleet, fleetProblems, Region, type Stamp } from '../../domain/fleet.ts'
import { partsOf, type RegionName, type ReplicaId, replicaId, type StampId } from '../../domain/ids.ts'
import type { Binding } from '../../ports/catalog.ts'
import { CONFLICT, codeOf, PRECONDITION_FAILED, written } from './cosmos-answers.ts'
import type { CatalogContainers } from './cosmos-catalog.ts'
import { documentId } from './cosmos-document.ts'

const WRITES_MAX = 5

const StoredRegion = z.object({ value: Region, _etag: z.string() })

/**
 * Enters a fleet: stamps and registries as they are described, and a binding for each replica that has none yet. Bindings that
 * are there stay as they are, since they are the truth. Throws with each problem of the fleet by its JSON path.
 */
export async function enterFleet(
  { bindings, fleet: container }: CatalogContainers,
  fleet: Fleet,
): Promise<void> {
  const problems = fleetProblems(fleet)
  if (problems.length > 0) throw new Error(`the fleet can't be entered: ${problems.join('; ')}`)
  for (const region of fleet.regions)
    await container.items.upsert({ id: documentId(region.name), kind: 'region', value: region })
  for (const registry of fleet.registries) {
    await container.items.upsert({ id: documentId(registry.name), kind: 'registry', value: registry })
    for (const { region, homeStamp } of registry.replicas)
      await enterBinding(bindings, replicaId(registry.name, region), homeStamp)
  }
}

async function enterBinding(bindings: Container, replica: ReplicaId, homeStamp: StampId): Promise<void> {
  const { region } = partsOf(replica)
  const binding: Binding = { replica, homeStamp, epoch: 1, lastMoveKey: null }
  try {
    await written(() => bindings.items.create({ id: documentId(replica), region, ...binding }))
  } catch (error) {
    if (codeOf(error) !== CONFLICT) throw error
  }
}

/** Enters a stamp in its region, or what is new of it; safe to repeat. */
export function enterStamp(fleet: Container, region: RegionName, stamp: Stamp): Promise<void> {
  return changeStamps(fleet, region, (stamps) => [...stamps.filter(({ id }) => id !== stamp.id), stamp])
}

/** Takes a stamp out of its region; safe to repeat. Who calls it has seen that no replica is bound to it. */
export function removeStamp(fleet: Container, region: RegionName, stamp: StampId): Promise<void> {
  return changeStamps(fleet, region, (stamps) => stamps.filter(({ id }) => id !== stamp))
}

async function changeStamps(
  fleet: Container,
  region: RegionName,
  change: (stamps: readonly Stamp[]) => Stamp[],
): Promise<void> {
  const item = fleet.item(documentId(region), 'region')
  for (let attempt = 1; ; attempt += 1) {
    const { resource } = await item.read<object>()
    if (resource === undefined) throw new Error(`${region} is no region of this fleet; enter it first`)
    const { value, _etag } = StoredRegion.parse(resource)
    const document = {
      ...resource,
      id: documentId(region),
      value: { ...value, stamps: change(value.stamps) },
    }
    try {
      await written(() => item.replace(document, { accessCondition: { type: 'IfMatch', condition: _etag } }))
      return
    } catch (error) {
      if (codeOf(error) !== PRECONDITION_FAILED || attempt === WRITES_MAX) throw error
    }
  }
}
