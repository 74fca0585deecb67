import type { Hold, LeaseBook } from '../../src/domain/leases.ts'
import type { Documents } from './model-journal.ts'

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

/** A hold tells who is not home again; nobody is who never left, and a way home for him was none. */
export function untrueWords(
  reason: string,
  { planId, keys }: { readonly planId: string; readonly keys: ReadonlySet<string> },
): string[] {
  const replica = /^(\S+@\S+) did not move: .*; it is not home again: /.exec(reason)?.[1]
  if (replica === undefined) return []
  const hasLeft = [...keys].some((key) => key.startsWith(`${planId}/${replica}/`))
  return hasLeft ? [] : [`${planId} says that ${replica} is not home again, which never left it`]
}
