import type { z } from 'zod'
import { AUTONOMY_AUTHOR } from '../domain/autonomy.ts'
import { spend } from '../domain/budget.ts'
import { batchesOf, isMovePhase, type Plan } from '../domain/plan.ts'
import type { OpenGate } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { autonomyLevel } from '../queries/autonomy.ts'
import { answerOn, decisionsOn } from '../queries/decisions.ts'
import { keepEvidence } from '../queries/evidence.ts'

const NUMBER_WIDTH = 3

/**
 * Opens a gate in the place of a person, as a decision record with its evidence, where the region's autonomy allows it and
 * the budget has room for the batch. Whatever is unsure leaves the gate to a person.
 */
export const createOpenGate =
  (ports: Ports) =>
  async ({
    planId,
    digest,
    gate,
  }: z.infer<typeof OpenGate.input>): Promise<z.infer<typeof OpenGate.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    const batch = plan && batchesOf(plan).find((each) => each.gate === gate)
    if (plan?.digest !== digest || !batch || !isMovePhase(batch.phase)) return { kind: 'left' }
    if ((await answerOn(ports, plan, { gate })).kind !== 'unanswered') return { kind: 'left' }
    const of = { region: plan.region, phase: batch.phase }
    if ((await autonomyLevel(ports, of, plan.policy)) !== 'autonomous') return { kind: 'left' }
    if (!(await hasRoom(ports, plan, gate))) return { kind: 'left' }

    const { digest: evidence } = await keepEvidence(ports, plan)
    const before = await decisionsOn(ports, planId, gate)
    const id = `${planId}/${gate}/${String(before.length + 1).padStart(NUMBER_WIDTH, '0')}`
    await ports.records.create('decisions', id, {
      ...{ id, planId, digest, gates: [gate], answer: 'approve', by: AUTONOMY_AUTHOR, evidence },
      reason: `the ${batch.phase} of ${plan.region} is autonomous, and its budget has room for ${batch.moves.length} moves`,
      atMs: ports.clock.nowMs(),
      expiresAtMs: null,
    })
    return { kind: 'opened' }
  }

/** Whether the budget would grant the whole batch now; nothing is spent by asking. */
async function hasRoom({ records, clock }: Ports, plan: Plan, gate: string): Promise<boolean> {
  const moves = batchesOf(plan).find((each) => each.gate === gate)?.moves ?? []
  const book = (await records.read('budgets', plan.region))?.value ?? { region: plan.region, spent: [] }
  const wanted = moves.map(({ registry, from, share }) => ({
    ...{ key: `${plan.id}/${registry}`, stamp: from },
    percent: share * 100,
  }))
  const { granted } = spend(book, wanted, { limits: plan.policy.budgets, atMs: clock.nowMs() })
  return granted.length === wanted.length
}
