import type { AuditEntry, AuditFact } from '../../src/domain/audit.ts'
import { chained, NO_HEAD } from '../../src/domain/audit-chain.ts'

export const CHAIN = 'plan-1a2b3c4d'

export function aFact(key: string, given: Partial<AuditFact> = {}): AuditFact {
  return {
    chain: CHAIN,
    key,
    kind: 'effect',
    atMs: 1,
    who: 'restamp',
    what: `made ${key}`,
    why: null,
    evidence: null,
    before: null,
    after: null,
    ...given,
  }
}

/** A whole chain of facts. */
export function aChain(facts: readonly AuditFact[]): AuditEntry[] {
  const entries: AuditEntry[] = []
  for (const fact of facts) {
    const head = entries.at(-1) ?? NO_HEAD
    entries.push(chained(head, fact, { foundBy: 'write', writtenAtMs: 2 }))
  }
  return entries
}
