import type { AuditFact, AuditKind } from '../domain/audit.ts'
import { AUTONOMY_AUTHOR } from '../domain/autonomy.ts'
import type { Fields, Log, Severity } from '../ports/log.ts'
import { FLEET_CHAIN } from './facts.ts'

/** What the log says of each kind of fact; what differs is in fields. */
const WORDS: Readonly<Record<AuditKind, string>> = {
  plan: 'a plan was made',
  rehearsal: 'a plan was rehearsed',
  start: 'a run was started',
  status: 'a run stands elsewhere',
  evidence: 'evidence was gathered',
  decision: 'a gate was answered',
  conflict: 'a gate was answered otherwise by somebody else',
  control: 'an order was given',
  effect: 'an effect is recorded',
  outcome: 'an outcome is recorded',
  verdict: 'a batch was judged',
}

/** What a run comes to that somebody should look at. */
const WARNINGS: readonly (string | null)[] = ['held', 'reversing', 'rolledBack', 'aborted', 'worse', 'failed']

const REPLICA = /^moves\/([^/]+@[^/]+)\//

/** Logs a fact. The audit tells each fact once, whatever is repeated or replayed, so that its line is there once. */
export function logFact(log: Log, fact: AuditFact): void {
  log(severityOf(fact), WORDS[fact.kind], fieldsOf(fact))
}

function severityOf({ kind, after }: AuditFact): Severity {
  return kind === 'conflict' || WARNINGS.includes(after) ? 'warning' : 'info'
}

/** Who it was is in the audit, behind its rights; the log says whether it was a person. */
function fieldsOf({ chain, key, kind, atMs, who, what, why, before, after }: AuditFact): Fields {
  const replica = REPLICA.exec(key)?.[1]
  return {
    ...{ kind, what, atMs, by: byOf(who) },
    ...(chain === FLEET_CHAIN ? {} : { planId: chain }),
    ...(replica === undefined ? {} : { replica }),
    ...(why === null ? {} : { why }),
    ...(before === null ? {} : { before }),
    ...(after === null ? {} : { after }),
  }
}

function byOf(who: string): string {
  if (who === 'restamp') return 'restamp'
  return who === AUTONOMY_AUTHOR ? 'autonomy' : 'person'
}
