import type { Anchor, AuditEntry, AuditFact, AuditHead, AuditKind, AuditVerdict } from './audit.ts'
import { canonicalJson, sha256Hex } from './canonical.ts'

/** The head of a chain without entries. */
export const NO_HEAD: AuditHead = { number: 0, hash: '0'.repeat(64) }

/** Puts a fact behind a head. */
export function chained(
  head: AuditHead,
  fact: AuditFact,
  by: Pick<AuditEntry, 'foundBy' | 'writtenAtMs'>,
): AuditEntry {
  const body = { ...fact, ...by, number: head.number + 1, previous: head.hash }
  return { ...body, hash: hashOf(body) }
}

function hashOf(body: Omit<AuditEntry, 'hash'>): string {
  return sha256Hex(canonicalJson(body))
}

export interface ChainEvidence {
  readonly chain: string
  readonly entries: readonly AuditEntry[]
  readonly anchors: readonly Anchor[]
  /** All facts that records tell now. */
  readonly facts: readonly AuditFact[]
  /** Facts from this moment on may lack their entry yet. Epoch ms. */
  readonly settledMs: number
}

/** Checks a chain against itself, against its anchors and against the records, and names the first entry that is broken. */
export function verifyChain(evidence: ChainEvidence): AuditVerdict {
  const { chain, entries, anchors, facts } = evidence
  const breaks = [...linkBreaks(evidence), ...anchorBreaks(evidence), ...recordBreaks(evidence)]
  const [first] = breaks.toSorted((a, b) => a.number - b.number)
  if (first) return { kind: 'broken', chain, ...first }
  const keys = new Set(entries.map(({ key }) => key))
  return {
    kind: 'intact',
    chain,
    entries: entries.length,
    hash: entries.at(-1)?.hash ?? NO_HEAD.hash,
    anchoredTo: Math.max(0, ...anchors.map(({ number }) => number)),
    onTheWay: facts.filter(({ key }) => !keys.has(key)).length,
  }
}

interface Break {
  readonly number: number
  readonly words: string
}

/** The first place where the chain does not hold together; whatever comes behind it says nothing. */
function linkBreaks({ chain, entries }: ChainEvidence): Break[] {
  let head = NO_HEAD
  const keys = new Set<string>()
  for (const entry of entries) {
    const { hash, ...body } = entry
    const number = head.number + 1
    const what = `entry ${number} of ${chain}`
    if (entry.number !== number)
      return [{ number, words: `${what} is missing; entry ${entry.number} stands in its place` }]
    if (entry.chain !== chain) return [{ number, words: `${what} belongs to ${entry.chain}` }]
    if (entry.previous !== head.hash)
      return [{ number, words: `${what} (${entry.key}) does not follow from the one before it` }]
    if (hashOf(body) !== hash)
      return [{ number, words: `${what} (${entry.key}) was changed: its content has another hash` }]
    if (keys.has(entry.key)) return [{ number, words: `${what} tells ${entry.key} a second time` }]
    keys.add(entry.key)
    head = { number, hash }
  }
  return []
}

function anchorBreaks({ chain, entries, anchors }: ChainEvidence): Break[] {
  return anchors.flatMap(({ number, hash, atMs }) => {
    const entry = entries[number - 1]
    if (entry?.hash === hash) return []
    const when = new Date(atMs).toISOString()
    if (!entry) {
      const missing = entries.length + 1
      return [
        {
          number: missing,
          words: `entry ${missing} of ${chain} is missing: the chain was cut off, entry ${number} was anchored at ${when}`,
        },
      ]
    }
    return [
      {
        number,
        words: `entry ${number} of ${chain} (${entry.key}) is not the one that was anchored at ${when}: the chain was written anew`,
      },
    ]
  })
}

/** Records that stay as they are for good: an entry about one must find it unchanged. */
const LASTING: readonly AuditKind[] = [
  'plan',
  'start',
  'evidence',
  'decision',
  'conflict',
  'effect',
  'verdict',
]

function recordBreaks({ chain, entries, facts, settledMs }: ChainEvidence): Break[] {
  const onRecord = new Map(facts.map((fact) => [fact.key, canonicalJson(fact)]))
  const inChain = new Set(entries.map(({ key }) => key))
  const lasting = entries.filter(({ kind }) => LASTING.includes(kind))
  const changed = lasting.flatMap((entry) => {
    const { number, foundBy: _, writtenAtMs: __, previous: ___, hash: ____, ...fact } = entry
    const now = onRecord.get(entry.key)
    if (now === canonicalJson(fact)) return []
    const how = now === undefined ? 'is gone' : 'says something else now'
    return [{ number, words: `the record behind entry ${number} of ${chain} (${entry.key}) ${how}` }]
  })
  const untold = facts.filter(({ key, atMs }) => atMs < settledMs && !inChain.has(key))
  return [
    ...changed,
    ...untold.slice(0, 1).map(({ key }) => ({
      number: entries.length + 1,
      words: `entry ${entries.length + 1} of ${chain} is missing: ${key} is on record and not in the chain`,
    })),
  ]
}
