import type { z } from 'zod'
import { ReplicaId, replicaId } from '../domain/ids.ts'
import type { FailMove, ListLanded } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
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

function lastStepMs(move: { readonly steps: readonly { readonly atMs: number }[] }): number {
  return move.steps.at(-1)?.atMs ?? 0
}

export const createFailMove =
  (ports: Pick<Ports, 'records' | 'clock'>) =>
  async ({ reason, ...step }: z.infer<typeof FailMove.input>): Promise<z.infer<typeof FailMove.output>> => {
    const opened = await openMove(ports, step)
    if (opened.kind === 'open' && opened.move.outcome?.kind !== 'done') {
      const entry = { step: 'prepare', kind: 'intent', detail: reason } as const
      await logStep(ports, opened.move.key, entry, { kind: 'failed', atMs: ports.clock.nowMs(), reason })
    }
    return { kind: 'recorded' }
  }
