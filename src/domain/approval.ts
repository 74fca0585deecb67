import { AUTONOMY_AUTHOR } from './autonomy.ts'
import type { PhaseName } from './plan.ts'
import type { Policy } from './policy.ts'
import { samePerson } from './principal.ts'
import type { Decision } from './run.ts'

/** What a gate asks: one plan digest, whose asker may not answer, since when, and how many people it takes. */
export interface GateQuestion {
  readonly gate: string
  readonly digest: string
  readonly requestedBy: string
  /** Answers up to this moment were answers to another question. Epoch ms. */
  readonly voidUntilMs: number
  readonly nowMs: number
  readonly approversMin: number
  /** What opened by itself up to this moment is a person's again. Epoch ms; absent where nothing opens by itself. */
  readonly autonomyBrokenMs?: number
}

export type GateAnswer =
  | { readonly kind: 'open'; readonly by: readonly string[]; readonly last: Decision }
  | { readonly kind: 'rejected'; readonly by: string; readonly last: Decision }
  | { readonly kind: 'unanswered'; readonly by: readonly string[] }

/** What a new answer is to a gate, given those on record; all but `new` leave the gate as it is. */
export type Place =
  | { readonly kind: 'new' }
  /** The same person gave this very answer before. */
  | { readonly kind: 'repeat'; readonly words: string }
  | { readonly kind: 'answered'; readonly words: string }
  | { readonly kind: 'conflict'; readonly standing: Decision; readonly words: string }

/** How many different people must approve a batch of this phase. */
export function approversMin(policy: Pick<Policy, 'twoApprovers'>, phase: PhaseName): number {
  return policy.twoApprovers.includes(phase) ? 2 : 1
}

/** What a gate's answers come to, oldest first. The first full answer stands, whatever comes after it. */
export function answerTo(decisions: readonly Decision[], question: GateQuestion): GateAnswer {
  const by: string[] = []
  for (const decision of decisions) {
    if (!counts(decision, question)) continue
    if (decision.answer === 'reject') return { kind: 'rejected', by: decision.by, last: decision }
    if (!by.some((name) => samePerson(name, decision.by))) by.push(decision.by)
    if (by.length >= question.approversMin) return { kind: 'open', by, last: decision }
  }
  return { kind: 'unanswered', by }
}

/** Where a new answer would stand: it never replaces one that is there, and one that differs is a conflict. */
export function placeOf(
  decisions: readonly Decision[],
  question: GateQuestion,
  given: Pick<Decision, 'answer' | 'by'>,
): Place {
  const { gate } = question
  const answer = answerTo(decisions, question)
  const own = decisions.find(
    (each) => counts(each, question) && each.answer === given.answer && samePerson(each.by, given.by),
  )
  if (answer.kind === 'unanswered') {
    if (!own || given.answer === 'reject') return { kind: 'new' }
    return {
      kind: 'repeat',
      words: `${given.by} approved gate ${gate} already; it takes another approver, ${answer.by.length} of ${question.approversMin} are there`,
    }
  }
  const { last } = answer
  const words = `gate ${gate} has the answer ${last.answer} of ${last.by}: ${last.reason}`
  if (last.answer !== given.answer) {
    return { kind: 'conflict', standing: last, words: `${words}; that one stands, yours is kept beside it` }
  }
  return { kind: own ? 'repeat' : 'answered', words }
}

/** Whether a decision is an answer to this question at this moment. */
function counts(decision: Decision, question: GateQuestion): boolean {
  return (
    decision.gates.includes(question.gate) &&
    decision.digest === question.digest &&
    !samePerson(decision.by, question.requestedBy) &&
    decision.atMs > question.voidUntilMs &&
    (decision.by !== AUTONOMY_AUTHOR || decision.atMs > (question.autonomyBrokenMs ?? 0)) &&
    (decision.expiresAtMs === null || decision.expiresAtMs > question.nowMs)
  )
}
