import type { OrchestrationContext } from 'durable-functions'
import { z } from 'zod'
import { RegionName } from '../domain/ids.ts'
import { RehearsePlan, ScanOnce } from '../messages/activities.ts'
import { call, type Steps } from './durable.ts'

const ScanInput = z.object({ region: RegionName })

/** One look at a region: the three figures of each pool, who dominates, what needs action. */
export function* scanRegionOnce(
  context: OrchestrationContext,
): Steps<{ scanId: string; needsAction: number }> {
  return yield* call(context, ScanOnce, ScanInput.parse(context.df.getInput()))
}

/** Rehearses a plan, so that its report is there before anyone is asked. */
export function* rehearse(context: OrchestrationContext): Steps<{ status: 'passed' | 'failed' }> {
  return yield* call(context, RehearsePlan, RehearsePlan.input.parse(context.df.getInput()))
}
