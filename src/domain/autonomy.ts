import { z } from 'zod'
import { RegionName } from './ids.ts'
import type { MovePhase } from './plan.ts'
import { samePerson } from './principal.ts'

/** Plans only; a person opens every gate; or the run opens them itself within its budget. */
export const AutonomyLevel = z.enum(['recommend', 'review', 'autonomous'])
export type AutonomyLevel = z.infer<typeof AutonomyLevel>

/** What a policy allows for each phase. It raises nothing by itself: that takes two people's record. */
export const Autonomy = z.strictObject({
  tail: AutonomyLevel.default('review'),
  medium: AutonomyLevel.default('review'),
  top: AutonomyLevel.default('review'),
})
export type Autonomy = z.infer<typeof Autonomy>

/** One step of a region's autonomy: asked for, confirmed by somebody else, or withdrawn. The newest of a phase counts. */
export const AutonomyStep = z.object({
  region: RegionName,
  phase: z.enum(['tail', 'medium', 'top']),
  step: z.enum(['asked', 'confirmed', 'withdrawn']),
  by: z.string().min(1),
  reason: z.string().min(1),
  atMs: z.int(),
})
export type AutonomyStep = z.infer<typeof AutonomyStep>

/** Who opens a gate in the place of a person. */
export const AUTONOMY_AUTHOR = 'autonomy policy'

export interface Standing {
  readonly allowed: Autonomy
  /** The newest step of the phase. */
  readonly last: AutonomyStep | undefined
  /** When a batch was last reversed in the region, or a prediction missed; 0 for never. Epoch ms. */
  readonly brokenMs: number
}

/** The level that holds now: what the policy allows, raised only by two people and only since the last thing that went wrong. */
export function levelOf(phase: MovePhase, { allowed, last, brokenMs }: Standing): AutonomyLevel {
  if (allowed[phase] !== 'autonomous') return allowed[phase]
  return last?.step === 'confirmed' && last.atMs > brokenMs ? 'autonomous' : 'review'
}

/** Why a step makes no sense, if so: a raise is confirmed by another person than the one who asked for it. */
export function stepRefusal(
  step: Pick<AutonomyStep, 'step' | 'by' | 'phase'>,
  { allowed, last }: Pick<Standing, 'allowed' | 'last'>,
): string | undefined {
  if (step.step === 'withdrawn') return undefined
  if (allowed[step.phase] !== 'autonomous')
    return `the policy allows ${allowed[step.phase]} for the ${step.phase}; it has to say autonomous first`
  if (step.step === 'asked') return undefined
  if (last?.step !== 'asked') return `nobody has asked for autonomy of the ${step.phase}; ask first`
  return samePerson(last.by, step.by)
    ? `${step.by} asked for it and so may not confirm it; it takes a second person`
    : undefined
}
