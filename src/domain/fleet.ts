import { z } from 'zod'
import { CustomerName, RegionName, RegistryName, StampId } from './ids.ts'

const Labels = z.record(z.string(), z.string())

/** The job of a pool, such as `registry` or `dataproxy`; the domain knows none by name. */
export const PoolRole = z.string().regex(/^[A-Za-z0-9-]{1,63}$/)
export type PoolRole = z.infer<typeof PoolRole>

/** One VM scale set of a stamp; its nodes are alike. `nodes` is the count now. */
export const Pool = z
  .object({
    role: PoolRole,
    nodes: z.int().min(0),
    minNodes: z.int().min(0),
    maxNodes: z.int().min(1),
    vcpusPerNode: z.number().positive(),
    relativeSpeed: z.number().positive().default(1),
    labels: Labels.optional(),
  })
  .refine((pool) => pool.minNodes <= pool.maxNodes, { message: 'minNodes is greater than maxNodes' })
export type Pool = z.infer<typeof Pool>

export const Stamp = z.object({
  id: StampId,
  kind: z.enum(['shared', 'isolated']),
  state: z.enum(['provisioning', 'active', 'cordoned', 'evacuating', 'retired']),
  pools: z.array(Pool),
  faultDomain: z.string().optional(),
  updateDomain: z.string().optional(),
  labels: Labels.optional(),
})
export type Stamp = z.infer<typeof Stamp>

export const Region = z.object({ name: RegionName, stamps: z.array(Stamp), labels: Labels.optional() })
export type Region = z.infer<typeof Region>

export const Replica = z.object({
  region: RegionName,
  homeStamp: StampId,
  pinned: z.boolean().default(false),
  routing: z.enum(['dns', 'privateLink', 'both']).default('dns'),
  labels: Labels.optional(),
})
export type Replica = z.infer<typeof Replica>

export const Registry = z.object({
  name: RegistryName,
  customer: CustomerName,
  replicas: z.array(Replica).min(1),
  labels: Labels.optional(),
})
export type Registry = z.infer<typeof Registry>

/** A fleet as `fleet.json` describes it; see `fleetProblems` for what a schema can't say. */
export const Fleet = z.object({ regions: z.array(Region), registries: z.array(Registry) })
export type Fleet = z.infer<typeof Fleet>

/** What is wrong between the parts of a fleet, each with its JSON path; empty when all is well. */
export function fleetProblems(fleet: Fleet): string[] {
  return [...stampProblems(fleet), ...registryProblems(fleet)]
}

function stampProblems(fleet: Fleet): string[] {
  const problems: string[] = []
  const regions = new Set<string>()
  const stamps = new Set<string>()
  for (const [r, region] of fleet.regions.entries()) {
    if (regions.has(region.name)) problems.push(`regions[${r}].name: "${region.name}" is there twice`)
    regions.add(region.name)
    for (const [s, stamp] of region.stamps.entries()) {
      const path = `regions[${r}].stamps[${s}]`
      if (stamps.has(stamp.id)) problems.push(`${path}.id: "${stamp.id}" is there twice`)
      stamps.add(stamp.id)
      problems.push(
        ...twice(stamp.pools.map((pool) => pool.role)).map((at) => `${path}.pools[${at}].role: there twice`),
      )
    }
  }
  return problems
}

function registryProblems(fleet: Fleet): string[] {
  const problems: string[] = []
  const stampsOf = new Map(
    fleet.regions.map((region) => [region.name, new Set<string>(region.stamps.map((s) => s.id))]),
  )
  const names = new Set<string>()
  for (const [g, registry] of fleet.registries.entries()) {
    const path = `registries[${g}]`
    if (names.has(registry.name)) problems.push(`${path}.name: "${registry.name}" is there twice`)
    names.add(registry.name)
    problems.push(
      ...twice(registry.replicas.map((replica) => replica.region)).map(
        (at) => `${path}.replicas[${at}].region: a second replica in one region`,
      ),
    )
    for (const [p, replica] of registry.replicas.entries()) {
      const stamps = stampsOf.get(replica.region)
      if (!stamps)
        problems.push(`${path}.replicas[${p}].region: "${replica.region}" is no region of this fleet`)
      else if (!stamps.has(replica.homeStamp)) {
        problems.push(
          `${path}.replicas[${p}].homeStamp: "${replica.homeStamp}" is no stamp of ${replica.region}`,
        )
      }
    }
  }
  return problems
}

function twice(names: readonly string[]): number[] {
  return names.flatMap((name, at) => (names.indexOf(name) < at ? [at] : []))
}

/** The home stamp of each registry that has a replica in a region. */
export function homesIn({ registries }: Fleet, region: RegionName): ReadonlyMap<string, StampId> {
  return new Map(
    registries.flatMap(({ name, replicas }) => {
      const here = replicas.find((replica) => replica.region === region)
      return here ? [[name, here.homeStamp] as const] : []
    }),
  )
}
