import { replicaId } from '../domain/ids.ts'
import type { Capacity } from '../ports/capacity.ts'
import type { Catalog } from '../ports/catalog.ts'
import type { Clock } from '../ports/clock.ts'
import type { Interlocks } from '../ports/interlocks.ts'
import type { Metrics } from '../ports/metrics.ts'
import type { Provisioning } from '../ports/provisioning.ts'
import type { Traffic } from '../ports/traffic.ts'
import { type EffectBody, openEffectLog, type TwinFault } from './effect-log.ts'
import { Region } from './region.ts'
import { requestSources } from './requests.ts'
import { timelineOf } from './timeline.ts'
import { twinCapacity } from './twin-capacity.ts'
import { twinCatalog } from './twin-catalog.ts'
import { fingerprint, type TwinFiles } from './twin-files.ts'
import { twinInterlocks } from './twin-interlocks.ts'
import { twinMetrics } from './twin-metrics.ts'
import { createPools, forgetTouched } from './twin-pools.ts'
import { twinProvisioning } from './twin-provisioning.ts'
import { twinTraffic } from './twin-traffic.ts'

export type { TwinFault } from './effect-log.ts'
export type { TwinFiles } from './twin-files.ts'

/** One simulated region behind the ports. What was done to it is in its database; all else follows from that. */
export interface Twin {
  readonly catalog: Catalog
  readonly metrics: Metrics
  readonly traffic: Traffic
  readonly capacity: Capacity
  readonly provisioning: Provisioning
  readonly interlocks: Interlocks
  /** The end of the files' data: from there on the twin's own time runs. Epoch ms. */
  readonly startsAtMs: number
  close(): void
  inject(fault: TwinFault): void
}

/**
 * Makes a region from what was measured in it. Load, nodes, CPU and requests are pure functions of the files, the
 * seed, the logged effects and the time; so a process that dies loses nothing, and one that starts recomputes.
 * Throws `DatabaseRefused` or `TwinMismatch`.
 */
export function createTwin(options: {
  readonly files: TwinFiles
  /** A path, or `:memory:`. */
  readonly database: string
  readonly clock: Clock
  readonly seed: number
}): Twin {
  const { files, clock, seed } = options
  const timeline = timelineOf(files)
  const log = openEffectLog(options.database, fingerprint(files, seed))
  const region = new Region({ fleet: files.fleet, log, clock, beginsMs: timeline.endMs, seed })
  const { pools, addMadePools } = createPools({ files, timeline, region, seed })
  const take = (body: EffectBody, atMs: number) => {
    if (body.kind === 'provision') addMadePools(pools, body.wanted)
    forgetTouched(pools, region, body, atMs)
  }
  for (const { body, atMs } of log.effects) take(body, atMs)
  region.onEffect(take)

  const requests = requestSources(files.load, timeline, (registry) => replicaId(registry, files.region))
  return {
    catalog: twinCatalog({ region, pools }),
    metrics: twinMetrics({ files, timeline, region, pools }),
    traffic: twinTraffic({ timeline, region, pools, requests, seed }),
    capacity: twinCapacity({ region, pools }),
    provisioning: twinProvisioning({ fleet: files.fleet, region }),
    interlocks: twinInterlocks(region),
    startsAtMs: timeline.endMs,
    close: () => region.close(),
    inject: (fault) => region.inject(fault),
  }
}
