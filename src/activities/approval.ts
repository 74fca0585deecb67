import { batchesOf, type Plan } from '../domain/plan.ts'
import type { Ports } from '../ports/ports.ts'
import { answerOn } from '../queries/decisions.ts'

export type Approval =
  | { readonly kind: 'approved'; readonly plan: Plan; readonly by: readonly string[] }
  | { readonly kind: 'lacking'; readonly reason: string }

/**
 * Whether a gate of a plan is open at this moment, from records alone: the plan is read again by digest, and enough people
 * other than its requester have approved since the batch was last judged worse. An effect never takes a caller's word for it.
 */
export async function approvalFor(
  ports: Pick<Ports, 'records' | 'clock'>,
  { planId, digest, gate }: { readonly planId: string; readonly digest: string; readonly gate: string },
): Promise<Approval> {
  const plan = (await ports.records.read('plans', planId))?.value
  if (plan?.digest !== digest) {
    const found = plan ? `has digest ${plan.digest.slice(0, 12)}` : 'is not on record'
    return { kind: 'lacking', reason: `plan ${planId} ${found}, expected ${digest.slice(0, 12)}` }
  }
  const batch = batchesOf(plan).find((each) => each.gate === gate)
  if (!batch) return { kind: 'lacking', reason: `plan ${planId} has no gate ${gate}` }
  const answer = await answerOn(ports, plan, { gate })
  switch (answer.kind) {
    case 'open':
      return { kind: 'approved', plan, by: answer.by }
    case 'rejected':
      return { kind: 'lacking', reason: `gate ${gate} of ${planId} was rejected by ${answer.by}` }
    case 'unanswered': {
      const some = answer.by.length > 0 ? `; ${answer.by.join(', ')} approved, it takes one more` : ''
      return { kind: 'lacking', reason: `gate ${gate} of ${planId} has no approval on record${some}` }
    }
    default:
      return answer satisfies never
  }
}
