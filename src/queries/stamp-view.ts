import { contributorsAt } from '../domain/contributors.ts'
import { RegistryName, type StampId } from '../domain/ids.ts'
import type { Policy } from '../domain/policy.ts'
import { lookBackHours } from '../domain/pool-series.ts'
import { situationOf, tenantsAt } from '../domain/situation.ts'
import type { StampView } from '../messages/stamp-api.ts'
import type { Ports } from '../ports/ports.ts'
import { pastMoves } from './past-moves.ts'
import { regionTelemetry } from './telemetry.ts'

/** A stamp may have tens of thousands; a person looks at those that matter. */
const REPLICAS_MAX = 500

/** Who causes the hot minutes of a stamp's pools, and the heaviest of who lives there. */
export async function stampView(
  ports: Ports,
  stamp: StampId,
  { region, policy }: { readonly region: string; readonly policy: Policy },
): Promise<StampView> {
  const data = await regionTelemetry(ports, region, lookBackHours(policy))
  const situation = situationOf(data, { policy, pastMoves: await pastMoves(ports) })
  const pools = contributorsAt(situation, new Set([stamp]), Number.POSITIVE_INFINITY)
  const points = new Map<string, number>()
  for (const { registries } of pools)
    for (const one of registries)
      points.set(one.registry, Math.max(one.points, points.get(one.registry) ?? 0))
  const replicas = tenantsAt(situation, stamp).map(({ registry, customer, pinned }) => ({
    registry: RegistryName.parse(registry),
    customer,
    pinned,
    points: points.get(registry) ?? null,
  }))
  const others = situation.stamps.filter(({ id, state }) => id !== stamp && state === 'active')
  return {
    region,
    stamp,
    pools: contributorsAt(situation, new Set([stamp])),
    replicaCount: replicas.length,
    replicas: replicas.toSorted((a, b) => (b.points ?? -1) - (a.points ?? -1)).slice(0, REPLICAS_MAX),
    others: others.map(({ id }) => id),
  }
}
