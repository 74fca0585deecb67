import type { Container } from '@azure/cosmos'
import { z } from 'zod'
import { canonicalJson, sha256Hex } from '../../domain/canonical.ts'
import { type Fleet, Region, Registry } from '../../domain/fleet.ts'
import { ReplicaId, replicaId, StampId } from '../../domain/ids.ts'
import type { CatalogContainers } from './cosmos-catalog.ts'

const CONFIRMATION_DIGITS = 8

const StoredFleet = z.object({ value: z.unknown() })
const StoredHome = z.object({ replica: ReplicaId, homeStamp: StampId })

/** What entering a fleet would change, in names. */
export interface FleetEntry {
  readonly stamps: Names
  readonly registries: Names
  /** Replicas that get a binding, since they have none. */
  readonly bindings: readonly string[]
  /** Replicas that are bound elsewhere than the file says: they stay where they are. */
  readonly boundElsewhere: readonly {
    readonly replica: string
    readonly file: string
    readonly bound: string
  }[]
  /** Why it must not be entered; empty where it may be. */
  readonly problems: readonly string[]
  /** Of the file and of all that it would change: other ones where either has changed since. */
  readonly confirmation: string
}

interface Names {
  readonly added: readonly string[]
  readonly changed: readonly string[]
  /** Known and not in the file. Stamps of a region in it are taken out, registries stay. */
  readonly missing: readonly string[]
}

/** Compares a fleet with what is entered already. Reads only. */
export async function fleetEntry(
  { bindings, fleet: container }: CatalogContainers,
  fleet: Fleet,
): Promise<FleetEntry> {
  const [regions, registries, homes] = await Promise.all([
    valuesOf(container, 'region', Region),
    valuesOf(container, 'registry', Registry),
    homesOf(bindings),
  ])
  const entered = regions.filter(({ name }) => fleet.regions.some((region) => region.name === name))
  const stamps = compared(
    fleet.regions.flatMap((region) => region.stamps.map((stamp) => [stamp.id, stamp])),
    entered.flatMap((region) => region.stamps.map((stamp) => [stamp.id, stamp])),
  )
  const replicas = fleet.registries.flatMap(({ name, replicas }) =>
    replicas.map(({ region, homeStamp }) => ({ replica: replicaId(name, region), file: homeStamp })),
  )
  const change = {
    stamps,
    registries: compared(
      fleet.registries.map((registry) => [registry.name, registry]),
      registries.map((registry) => [registry.name, registry]),
    ),
    bindings: replicas.flatMap(({ replica }) => (homes.has(replica) ? [] : [replica])),
    boundElsewhere: replicas.flatMap(({ replica, file }) => {
      const bound = homes.get(replica)
      return bound && bound !== file ? [{ replica, file, bound }] : []
    }),
    problems: stamps.missing.flatMap((stamp) => {
      const served = [...homes].filter(([, home]) => home === stamp).length
      const todo = 'write it into the file, as it is'
      return served > 0
        ? [`${stamp} would be taken out, and ${served} replicas are bound to it; ${todo}`]
        : []
    }),
  }
  const seen = sha256Hex(canonicalJson({ fleet, change }))
  return { ...change, confirmation: seen.slice(0, CONFIRMATION_DIGITS) }
}

function compared(
  wanted: readonly (readonly [string, unknown])[],
  known: readonly (readonly [string, unknown])[],
): Names {
  const [before, after] = [new Map(known), new Map(wanted)]
  const isChanged = ([name, value]: readonly [string, unknown]) =>
    before.has(name) && canonicalJson(before.get(name)) !== canonicalJson(value)
  return {
    added: wanted.flatMap(([name]) => (before.has(name) ? [] : [name])),
    changed: wanted.filter(isChanged).map(([name]) => name),
    missing: known.flatMap(([name]) => (after.has(name) ? [] : [name])),
  }
}

async function valuesOf<T>(container: Container, kind: string, schema: z.ZodType<T>): Promise<T[]> {
  const spec = { query: 'SELECT * FROM c WHERE c.kind = @kind', parameters: [{ name: '@kind', value: kind }] }
  const { resources } = await container.items.query<object>(spec, { partitionKey: kind }).fetchAll()
  return resources.map((resource) => schema.parse(StoredFleet.parse(resource).value))
}

async function homesOf(bindings: Container): Promise<ReadonlyMap<string, string>> {
  const { resources } = await bindings.items.query<object>('SELECT * FROM c').fetchAll()
  return new Map(
    resources.map((resource) => {
      const { replica, homeStamp } = StoredHome.parse(resource)
      return [replica, homeStamp]
    }),
  )
}
