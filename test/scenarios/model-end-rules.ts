import { createHash } from 'node:crypto'
import { ENDED } from '../../src/domain/run.ts'
import { sorted } from './model-effect-rules.ts'
import type { Documents } from './model-journal.ts'
import type { ModelRun } from './model-run.ts'
import { SWEEP_MS } from './model-setup.ts'

const LOST_MS = 60_000

/** What an ended plan has left behind: a lease, an orchestration with its timers, a forwarding that nobody owns or ends. */
export async function leftovers(real: ModelRun): Promise<string[]> {
  const { records, setup, nowMs } = real
  const ended = setup.plans.filter((plan) => {
    const kind = real.status(plan)?.kind
    return kind !== undefined && ENDED.some((one) => one === kind)
  })
  const holds = records.under('leases', '').flatMap((book) => book.holds)
  const leases = holds.filter((hold) => ended.some(({ id }) => id === hold.planId))
  const forwardings = records
    .under('forwardings', '')
    .filter((one) => one.owner === '' || (one.ended === null && nowMs > one.expiresAtMs + SWEEP_MS))
  const isQuiet = ended.length === records.under('runs', '').length
  // A message that got lost comes again within a minute; a run that was told of its end has until then to be over.
  if (isQuiet && (await real.host.unfinished()).length > 0) await real.pass(LOST_MS)
  const running = isQuiet ? await real.host.unfinished() : []
  return [
    ...leases.map(({ planId }) => `${planId} has ended and holds a lease`),
    ...forwardings.map(({ key }) => `the forwarding of ${key} has no owner, or no end`),
    ...running.map(({ id, status }) => `every plan has ended and ${id} is ${status}`),
  ]
}

/** Where an audit's chain is broken, and what was done or decided that it does not tell. */
export function auditProblems(documents: Documents, planId: string): string[] {
  const entries = documents.under('audit', `${planId}/`).toSorted((a, b) => a.number - b.number)
  const problems: string[] = []
  let previous = '0'.repeat(64)
  for (const [at, entry] of entries.entries()) {
    const { hash, ...body } = entry
    if (entry.number !== at + 1) problems.push(`entry ${at + 1} of ${planId} is missing`)
    if (entry.previous !== previous)
      problems.push(`entry ${entry.number} of ${planId} follows from another one`)
    if (createHash('sha256').update(sorted(body)).digest('hex') !== hash)
      problems.push(`entry ${entry.number} of ${planId} was changed`)
    previous = hash
  }
  const told = entries.map(({ key }) => key)
  const untold = documents
    .under('decisions', `${planId}/`)
    .filter(({ id }) => !told.includes(`decisions${id.slice(planId.length)}`))
    .map(({ id }) => `the audit does not tell ${id}`)
  return [...problems, ...untold]
}
