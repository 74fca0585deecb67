import type { HttpResponseInit } from '@azure/functions'
import type { AuditTrail } from '../audit/trail.ts'
import { NO_HEAD } from '../domain/audit-chain.ts'
import type { AuditPage } from '../messages/api.ts'
import { OPERATIONS } from '../messages/operations.ts'
import { type Call, type Door, registerRoute } from './api.ts'
import { problem } from './problems.ts'

/** The audit of a plan, or of what belongs to none (kill switches, repaired routes): its entries page by page, and whether it holds together. */
export function registerAuditRoutes(trail: AuditTrail, door: Door): void {
  registerRoute(door, OPERATIONS.readAudit, (call) => page(trail, call))
  registerRoute(door, OPERATIONS.verifyAudit, async (call) => {
    const verdict = await trail.verify(call.param('chain'))
    const isEmpty = verdict.kind === 'intact' && verdict.hash === NO_HEAD.hash
    return isEmpty ? unknown(call) : { jsonBody: verdict }
  })
}

async function page(trail: AuditTrail, call: Call<unknown>): Promise<HttpResponseInit> {
  const after = Number(call.query.get('after') ?? 0)
  if (!Number.isInteger(after) || after < 0)
    return problem('invalid-request', 'after: expected the number of an entry, or 0')
  const chain = call.param('chain')
  const entries = await trail.entries(chain, after)
  if (entries.length === 0 && after === 0) return unknown(call)
  const answer: AuditPage = { chain, entries: [...entries], next: entries.at(-1)?.number ?? null }
  return { jsonBody: answer }
}

function unknown(call: Call<unknown>): HttpResponseInit {
  const chain = call.param('chain')
  return problem(
    'not-found',
    `there is no audit of ${chain}; expected a plan's id, or "fleet" for what belongs to no plan`,
  )
}
