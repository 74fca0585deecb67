import type { z } from 'zod'
import { ReplicaId, replicaId } from '../domain/ids.ts'
import { batchesOf } from '../domain/plan.ts'
import type { FailMove, HasPassed, ListLanded } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { evaluationsOf } from '../queries/decisions.ts'
import { hasLanded, logStep, movesOf, openMove } from './move-log.ts'

/** Which replicas are where the plan put them, last one first: what a reversal has to move back. */
export const createListLanded =
  (ports: Pick<Ports, 'records'>) =>
  async ({ planId, gate }: z.infer<typeof ListLanded.input>): Promise<z.infer<typeof ListLanded.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    const landed = []
    for (const { registry } of plan?.moves ?? []) {
      const last = (await movesOf(ports, planId, replicaId(registry, plan?.region ?? ''))).at(-1)?.value
      if (last?.direction === 'reverse' && last.outcome?.kind !== 'done') landed.push(last)
      if (last?.direction === 'forward' && hasLanded(last)) landed.push(last)
    }
    const inOrder = landed
      .filter((move) => gate === null || move.gate === gate)
      .toSorted((a, b) => lastStepMs(b) - lastStepMs(a) || (a.replica < b.replica ? 1 : -1))
    return { replicas: inOrder.map((move) => ({ replica: ReplicaId.parse(move.replica), gate: move.gate })) }
  }

/** A batch has passed when its last look was the final one, better or equal, and came after all its moves. */
export const createHasPassed =
  (ports: Pick<Ports, 'records'>) =>
  async ({ planId, gate }: z.infer<typeof HasPassed.input>): Promise<z.infer<typeof HasPassed.output>> => {
    const seen = (await evaluationsOf(ports, planId, gate)).toSorted((a, b) => a.atMs - b.atMs).at(-1)
    const plan = (await ports.records.read('plans', planId))?.value
    if (!seen?.final || seen.verdict !== 'betterOrEqual' || !plan) return { passed: false }
    for (const { registry } of batchesOf(plan).find((batch) => batch.gate === gate)?.moves ?? []) {
      const last = (await movesOf(ports, planId, replicaId(registry, plan.region))).at(-1)?.value
      const done =
        last?.direction === 'forward' && last.outcome?.kind === 'done' && last.outcome.atMs <= seen.atMs
      if (!done) return { passed: false }
    }
    return { passed: true }
  }

function lastStepMs(move: { readonly steps: readonly { readonly atMs: number }[] }): number {
  return move.steps.at(-1)?.atMs ?? 0
}

export const createFailMove =
  (ports: Pick<Ports, 'records' | 'clock'>) =>
  async ({ reason, ...step }: z.infer<typeof FailMove.input>): Promise<z.infer<typeof FailMove.output>> => {
    const opened = await openMove(ports, step, 'looks')
    if (opened.kind === 'open' && opened.move.outcome?.kind !== 'done') {
      const entry = { step: 'prepare', kind: 'intent', detail: reason } as const
      await logStep(ports, opened.move.key, entry, { kind: 'failed', atMs: ports.clock.nowMs(), reason })
    }
    return { kind: 'recorded' }
  }
