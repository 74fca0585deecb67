import type { Decision } from '../../src/domain/run.ts'
import type { Documents } from './model-journal.ts'
import type { Seen } from './model-rules.ts'

/** Who opens a gate where nobody does. */
export const AUTONOMY = 'autonomy policy'

/** What a gate that opened by itself breaks: two people must have raised its phase, and nothing gone home since. */
export function autonomyProblems({ documents, setup }: Seen, decision: Decision): string[] {
  if (decision.by !== AUTONOMY) return []
  const { planId, gates, answer, digest, atMs, evidence } = decision
  const plan = setup.plans.find(({ id }) => id === planId)
  const [phase = ''] = gates[0]?.split('-') ?? []
  const who = `${planId} opened ${gates.join(', ')} by itself`
  if (!plan || gates.length !== 1 || answer !== 'approve' || digest !== plan.digest)
    return [`${who}, which is no gate of it`]
  const problems: string[] = []
  if (Object.entries(plan.policy.autonomy).every(([of, level]) => of !== phase || level !== 'autonomous'))
    problems.push(`${who}, and its policy does not say that the ${phase} may`)
  if (!evidence) problems.push(`${who} without evidence`)
  // Ids sort newest first.
  const [last, asked] = documents.under('autonomy', `${plan.region}/${phase}/`)
  if (last?.step !== 'confirmed' || asked?.step !== 'asked' || asked.by === last.by)
    return [...problems, `${who}, and no two people have raised the ${phase}`]
  const wentHome = backAfter(documents, plan.region, { fromMs: last.atMs, toMs: atMs })
  if (wentHome) problems.push(`${who}, and ${wentHome} went home since it was raised`)
  return problems
}

/** Whether an answer still stands at a moment: a gate that opened by itself is a person's again once anything has gone home. */
export function stands(
  documents: Documents,
  { by, atMs }: Decision,
  at: { readonly region: string; readonly atMs: number },
): boolean {
  return by !== AUTONOMY || backAfter(documents, at.region, { fromMs: atMs, toMs: at.atMs }) === undefined
}

/** Who of a region began to go home in a span. What began in this very instant may not have been seen. */
function backAfter(
  documents: Documents,
  region: string,
  { fromMs, toMs }: { readonly fromMs: number; readonly toMs: number },
): string | undefined {
  return documents
    .under('moves', '')
    .find(
      ({ direction, replica, begunMs = 0 }) =>
        direction === 'reverse' && replica.endsWith(`@${region}`) && begunMs >= fromMs && begunMs < toMs,
    )?.replica
}
