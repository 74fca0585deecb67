import type { Hold, LeaseBook } from '../../src/domain/leases.ts'
import type { Run } from '../../src/domain/run.ts'
import type { Documents } from './model-journal.ts'
import type { Seen } from './model-rules.ts'

/** Who took what another plan needs for a batch that is on its way, before that one's time: an emergency waits for the border. */
export function leaseTakers(
  documents: Documents,
  at: {
    readonly region: string
    readonly before: LeaseBook | undefined
    readonly atMs: number
    /** What each plan held last. */
    readonly last: Map<string, Hold>
  },
): string[] {
  const before = at.before?.holds ?? []
  const now = documents.of('leases', at.region)?.holds ?? []
  for (const hold of [...before, ...now]) at.last.set(hold.planId, hold)
  const fresh = now.filter(({ planId }) => !before.some((hold) => hold.planId === planId))
  return fresh.flatMap((taken) =>
    [...at.last.values()]
      .filter(({ planId, untilMs }) => planId !== taken.planId && untilMs > at.atMs)
      .filter(({ resources }) => resources.some((one) => taken.resources.includes(one)))
      .filter(({ planId }) => isOnItsWay(documents, planId))
      .map(({ planId }) => `${taken.planId} took the lease of ${planId} in the midst of a batch`),
  )
}

function isOnItsWay(documents: Documents, planId: string): boolean {
  const kind = documents.of('runs', planId)?.status.kind
  return (
    (kind === 'moving' || kind === 'reversing') &&
    documents.under('moves', `${planId}/`).some(({ outcome }) => outcome === null)
  )
}

/** What a run that is held or rolled back says of homes, and is not so. */
export function untrueWords(seen: Seen, run: Run, keys: ReadonlySet<string>): string[] {
  const { planId, status } = run
  if (status.kind === 'rolledBack') return notHome(seen, planId, null)
  if (status.kind !== 'held') return []
  const reversed = /^(\S+) was reversed: /.exec(status.reason)?.[1]
  if (reversed !== undefined) return notHome(seen, planId, reversed)
  const replica = /^(\S+@\S+) did not move: .*; it is not home again: /.exec(status.reason)?.[1]
  const hasLeft = [...keys].some((key) => key.startsWith(`${planId}/${replica}/`))
  return replica === undefined || hasLeft
    ? []
    : [`${planId} says that ${replica} is not home again, which never left it`]
}

/** Who of a batch, or of the whole plan (`gate` null), is still where the plan's own forward move bound him. */
function notHome({ documents, region }: Seen, planId: string, gate: string | null): string[] {
  return documents
    .under('moves', `${planId}/`)
    .filter((move) => move.direction === 'forward' && (gate === null || move.gate === gate))
    .filter(({ replica, key }) => region.binding(replica)?.lastMoveKey === key)
    .map(
      ({ replica, to }) => `${planId} says that ${gate ?? 'all of it'} went home, and ${replica} is on ${to}`,
    )
}
