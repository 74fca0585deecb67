import { z } from 'zod'

const Name = z.string().regex(/^[A-Za-z0-9-]{1,63}$/, 'expected 1 to 63 letters, digits or "-"')

export const RegionName = Name
export type RegionName = z.infer<typeof RegionName>

export const StampId = Name.brand('StampId')
export type StampId = z.infer<typeof StampId>

export const RegistryName = Name.brand('RegistryName')
export type RegistryName = z.infer<typeof RegistryName>

export const CustomerName = Name
export type CustomerName = z.infer<typeof CustomerName>

/** A registry's presence in one region, `registry@region`: what moves. */
export const ReplicaId = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,63}@[A-Za-z0-9-]{1,63}$/, 'expected REGISTRY@REGION')
  .brand('ReplicaId')
export type ReplicaId = z.infer<typeof ReplicaId>

export const PlanId = z
  .string()
  .regex(/^[a-z0-9-]{4,64}$/, 'expected a plan id: 4 to 64 of a-z, 0-9 and "-"')
  .brand('PlanId')
export type PlanId = z.infer<typeof PlanId>

/** SHA-256 over the canonical plan document, as 64 hex digits. */
export const Digest = z.string().regex(/^[0-9a-f]{64}$/, 'expected a SHA-256 digest: 64 hex digits')
export type Digest = z.infer<typeof Digest>

/** The gate of one batch, `phase-number`, such as `tail-1`. */
export const GateId = z
  .string()
  .regex(/^(provision|tail|medium|top|right-size)-[1-9]\d{0,4}$/, 'expected a gate such as tail-1')
export type GateId = z.infer<typeof GateId>

export function replicaId(registry: string, region: string): ReplicaId {
  return ReplicaId.parse(`${registry}@${region}`)
}

/** The registry and the region that a replica id is made of. */
export function partsOf(replica: ReplicaId): { registry: RegistryName; region: RegionName } {
  const at = replica.indexOf('@')
  return { registry: RegistryName.parse(replica.slice(0, at)), region: replica.slice(at + 1) }
}
