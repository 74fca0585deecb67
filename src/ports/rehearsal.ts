import type { Fleet } from '../domain/fleet.ts'
import type { Plan } from '../domain/plan.ts'
import type { RehearsalReport } from '../domain/rehearsal.ts'
import type { PoolCpu, RegionLoad } from '../domain/series.ts'

/** What a rehearsal needs: the plan, and the region as it was when the plan was made. */
export interface RehearsalJob {
  readonly plan: Plan
  readonly fleet: Fleet
  readonly region: string
  /** The end of the telemetry: where the twin's time begins. */
  readonly nowMs: number
  readonly cpu: readonly PoolCpu[]
  readonly load: RegionLoad
}

/** Runs a plan's orchestrations against a twin of the region; a failure to run is a failed rehearsal, not an error. */
export type Rehearse = (job: RehearsalJob) => Promise<Omit<RehearsalReport, 'planId' | 'digest' | 'atMs'>>

/** A rehearsal's worker thread is told which part is its own: the way that the plan should go, or the standard faults. */
export interface RehearsalWork {
  readonly part: 'plan' | 'faults'
  readonly job: RehearsalJob
}
