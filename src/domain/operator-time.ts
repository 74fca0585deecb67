import { z } from 'zod'
import type { AuditFact } from './audit.ts'
import { AUTONOMY_AUTHOR } from './autonomy.ts'

/** Acts of one person that are no further apart belong to one sitting. */
export const SITTING_GAP_MS = 15 * 60_000
/** What a sitting takes before its first act: reading what there is to act on. An assumption; records don't tell it. */
export const BEFORE_FIRST_ACT_MS = 5 * 60_000

const ACTS: readonly AuditFact['kind'][] = ['plan', 'start', 'decision', 'conflict', 'control']
/** Who acts without being a person. */
const NOBODY: readonly string[] = ['restamp', AUTONOMY_AUTHOR]

/** How long people were at work on a plan, as far as what they did tells. */
export const OperatorTime = z.object({ minutes: z.number(), acts: z.int(), sittings: z.int() })
export type OperatorTime = z.infer<typeof OperatorTime>

interface Act {
  readonly who: string
  readonly atMs: number
}

/**
 * Estimates the minutes that people spent on one plan from its audit: each person's acts in sittings, from first to last, and
 * `BEFORE_FIRST_ACT_MS` for each sitting. A decision's sitting begins where its evidence was looked at, if that was within reach.
 */
export function operatorTime(facts: readonly AuditFact[]): OperatorTime {
  const looks = new Map(
    facts.flatMap(({ kind, key, atMs }) =>
      kind === 'evidence' ? [[key.slice(key.indexOf('/') + 1), atMs] as const] : [],
    ),
  )
  const acts: Act[] = facts.filter(({ kind, who }) => ACTS.includes(kind) && !NOBODY.includes(who))
  const seen = facts.flatMap(({ kind, who, evidence }): Act[] => {
    const atMs = kind === 'decision' && evidence ? looks.get(evidence) : undefined
    return atMs === undefined || NOBODY.includes(who) ? [] : [{ who, atMs }]
  })
  const people = Map.groupBy([...acts, ...seen], ({ who }) => who)
  let sittings = 0
  let spentMs = 0
  for (const own of people.values()) {
    let lastMs = Number.NEGATIVE_INFINITY
    for (const { atMs } of own.toSorted((a, b) => a.atMs - b.atMs)) {
      if (atMs - lastMs > SITTING_GAP_MS) {
        sittings += 1
        spentMs += BEFORE_FIRST_ACT_MS
      } else spentMs += atMs - lastMs
      lastMs = atMs
    }
  }
  return { minutes: spentMs / 60_000, acts: acts.length, sittings }
}

/** One wait of a run for a person's answer to a gate; `untilMs` is null while it lasts. Epoch ms. */
export interface GateWait {
  readonly gate: string
  readonly sinceMs: number
  readonly untilMs: number | null
}

const STATUS_KEY = /^status\/([A-Za-z]+)\/([a-z-]+(?:-\d+)?)\/\d+$/

/** The waits for answers that a plan's audit tells of: each lasts until the next status that lasts, or until now. */
export function gateWaits(facts: readonly AuditFact[]): GateWait[] {
  const statuses = facts.filter(({ kind }) => kind === 'status').toSorted((a, b) => a.atMs - b.atMs)
  return statuses.flatMap(({ key, atMs }, at) => {
    const [, kind, gate = ''] = STATUS_KEY.exec(key) ?? []
    if (kind !== 'awaitingApproval') return []
    return [{ gate, sinceMs: atMs, untilMs: statuses[at + 1]?.atMs ?? null }]
  })
}
