import type { Capacity } from './capacity.ts'
import type { Catalog } from './catalog.ts'
import type { Clock } from './clock.ts'
import type { Interlocks } from './interlocks.ts'
import type { Metrics } from './metrics.ts'
import type { Records } from './records.ts'
import type { Traffic } from './traffic.ts'

/** Everything outside of Restamp that a run touches. */
export interface Ports {
  readonly catalog: Catalog
  readonly metrics: Metrics
  readonly traffic: Traffic
  readonly capacity: Capacity
  readonly interlocks: Interlocks
  readonly records: Records
  readonly clock: Clock
}
