import { type CutoverStep, hasEnded, type MoveRecord } from '../domain/run.ts'
import type { MoveStep } from '../messages/outline.ts'
import type { Ports } from '../ports/ports.ts'
import { evaluationsOf } from '../queries/decisions.ts'
import { approvalFor } from './approval.ts'

interface Asked {
  readonly step: Pick<MoveStep, 'planId' | 'digest' | 'gate' | 'direction'>
  /** For a reversal: what it undoes. */
  readonly forward:
    | { readonly steps: readonly { readonly atMs: number }[]; readonly outcome: MoveRecord['outcome'] }
    | undefined
  readonly stage: CutoverStep
}

/**
 * What a move lacks to be made, by records alone: the plan's run must be at this batch, with an answer of somebody else than
 * the requester; or on its way back, with an order, a verdict or a failed move as the reason.
 */
export async function authorityLacking(
  ports: Pick<Ports, 'records' | 'clock'>,
  asked: Asked,
): Promise<string | undefined> {
  const { planId, digest } = asked.step
  const run = (await ports.records.read('runs', planId))?.value
  if (run?.digest !== digest) return `${planId} has no run, so nothing is moved`
  if (hasEnded(run.status)) return `the run of ${planId} has ended: ${run.status.kind}`
  return asked.step.direction === 'forward'
    ? forwardLacking(ports, asked, run.status)
    : reverseLacking(ports, asked, run.status)
}

type Status = { readonly kind: string; readonly gate?: string }

async function forwardLacking(
  ports: Pick<Ports, 'records' | 'clock'>,
  { step, stage }: Asked,
  status: Status,
): Promise<string | undefined> {
  const { planId, gate } = step
  const controls = (await ports.records.read('controls', planId))?.value
  if (!controls) return `controls of ${planId} can't be read, so nothing is moved`
  const order =
    controls.abort ?? controls.rollback ?? controls.undo ?? (stage === 'prepare' ? controls.hold : null)
  if (order) return `the run of ${planId} was stopped by an order: ${order.reason}`
  const approval = await approvalFor(ports, step)
  if (approval.kind === 'lacking') return approval.reason
  return status.kind === 'moving' && status.gate === gate
    ? undefined
    : `the run of ${planId} is ${status.kind}, not moving ${gate}`
}

async function reverseLacking(
  ports: Pick<Ports, 'records'>,
  { step, forward }: Asked,
  status: Status,
): Promise<string | undefined> {
  const { planId, gate } = step
  if (forward?.outcome?.kind === 'failed') return undefined
  if (status.kind !== 'reversing') return `the run of ${planId} is ${status.kind}, not on its way back`
  const controls = (await ports.records.read('controls', planId))?.value
  if (!controls) return `controls of ${planId} can't be read, so nothing is moved`
  if (controls.rollback || controls.undo?.gates.includes(step.gate)) return undefined
  const begunMs = forward?.steps[0]?.atMs ?? Number.POSITIVE_INFINITY
  const seen = await evaluationsOf(ports, planId, gate)
  return seen.some(({ verdict, atMs }) => verdict === 'worse' && atMs >= begunMs)
    ? undefined
    : `nobody ordered a rollback and ${gate} was not judged worse`
}
