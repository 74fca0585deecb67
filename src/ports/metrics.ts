import type { PoolRole } from '../domain/fleet.ts'
import type { RegionName, RegistryName, StampId } from '../domain/ids.ts'
import type { CpuSamples, RegionLoad } from '../domain/series.ts'

/** Telemetry, as measured. An absent value stays absent: no adapter fills gaps. */
export interface Metrics {
  /** How late samples come: what is younger isn't there yet, and not missing. */
  readonly lateMs: number
  /** CPU of a pool's nodes in [fromMs, toMs); a pool without any sample gives empty columns. */
  cpu(query: {
    readonly stamp: StampId
    readonly role: PoolRole
    readonly fromMs: number
    readonly toMs: number
  }): Promise<CpuSamples>
  /** Load of the region's replicas, or of some of them, in [fromMs, toMs), bounds cut to whole bins. */
  load(query: {
    readonly region: RegionName
    readonly registries?: readonly RegistryName[]
    readonly fromMs: number
    readonly toMs: number
  }): Promise<RegionLoad>
}
