import type { AuditFact } from '../domain/audit.ts'
import type { Controls } from '../domain/controls.ts'
import type { Forwarding } from '../domain/forwarding.ts'
import { leftWords } from '../domain/left-words.ts'
import { type LoweringRecord, loweringWords } from '../domain/lowering.ts'
import type { ProvisioningRecord } from '../domain/provisioning.ts'
import type { RaisedMinimum } from '../domain/raised-minimum.ts'
import { hasEnded, type MoveRecord, type Run, type RunStatus } from '../domain/run.ts'
import { type TicketBook, ticketPlace } from '../domain/ticket.ts'

const RESTAMP = 'restamp'

export function bare(chain: string, key: string, atMs: number) {
  return { chain, key, atMs, who: RESTAMP, why: null, evidence: null, before: null, after: null }
}

export function withoutPlan(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}

export function startFact({ planId, startedBy, startedAtMs, digest }: Run): AuditFact {
  const what = `started the run of digest ${digest}`
  return { ...bare(planId, 'start', startedAtMs), kind: 'start', who: startedBy, what }
}

/** A status that is passed within seconds tells nothing; one that lasts is told once. */
export function statusFacts({ planId, status }: Run): AuditFact[] {
  if (status.kind === 'starting' || status.kind === 'checking') return []
  const atMs = 'sinceMs' in status ? status.sinceMs : status.atMs
  const gate = 'gate' in status ? status.gate : null
  return [
    {
      ...bare(planId, ['status', status.kind, gate ?? 'all', atMs].join('/'), atMs),
      kind: 'status',
      what: hasEnded(status) ? `the run ended: ${status.kind}` : `${status.kind} ${gate}`,
      why: reasonOf(status),
      after: status.kind,
    },
  ]
}

function reasonOf(status: RunStatus): string | null {
  return 'reason' in status ? status.reason : null
}

/** The ticket that was written last: each was the last once. */
export function ticketFacts({ tickets, changed }: TicketBook): AuditFact[] {
  return tickets
    .filter(({ id }) => id === changed)
    .map((ticket) => ({
      ...bare('fleet', `tickets/${ticket.region}/${ticket.id}/${ticket.revision}`, ticket.atMs),
      kind: 'control',
      who: ticket.by,
      what: `${ticket.state === 'open' ? 'opened' : 'ended'} the change ticket ${ticket.id} of ${ticketPlace(ticket)}`,
      why: ticket.words,
      after: ticket.state,
    }))
}

export function controlFacts(controls: Controls): AuditFact[] {
  const {
    planId,
    hold,
    resumed,
    rollback,
    abort,
    undo,
    skips = [],
    observations = [],
    undone = [],
  } = controls
  const undoing = undo ? [undo, ...undone] : undone
  const orders = [
    ...Object.entries({ hold, resume: resumed, rollback, abort }),
    ...undoing.map((order) => [`roll back ${order.gates.join(', ')}`, order] as const),
    ...skips.map((order) => [`skip ${order.registry}`, order] as const),
    ...observations.map((order) => [`${order.set} the observation of ${order.gate}`, order] as const),
  ]
  return orders.flatMap(([name, order]): AuditFact[] =>
    order
      ? [
          {
            ...bare(planId, `controls/${name}/${order.atMs}`, order.atMs),
            kind: 'control',
            who: order.by,
            what: `ordered: ${name}`,
            why: order.reason,
            after: name,
          },
        ]
      : [],
  )
}

export function forwardingFacts(id: string, forwarding: Forwarding): AuditFact[] {
  const { planId, replica, from, to, owner, sinceMs, expiresAtMs, ended } = forwarding
  const until = new Date(expiresAtMs).toISOString()
  const begun: AuditFact = {
    ...bare(planId, `forwardings/${id}/begun`, sinceMs),
    kind: 'effect',
    what: `${from} goes on serving ${replica}, which has left for ${to}; owned by ${owner}, until ${until}`,
    why: leftWords(forwarding.left),
  }
  if (ended === null) return [begun]
  const base = bare(planId, `forwardings/${id}/ended`, ended.atMs)
  const what = `${from} no longer serves ${replica}: ${ended.why}`
  return [begun, { ...base, kind: 'outcome', what, why: leftWords(ended.left) }]
}

export function moveFacts(move: MoveRecord): AuditFact[] {
  const { planId, key, gate, from, to, direction, replica, outcome } = move
  const about = {
    who: RESTAMP,
    why: direction === 'forward' ? `gate ${gate} was opened` : `${gate} goes back`,
  }
  const steps = move.steps.map((entry, at): AuditFact => {
    const { step, kind, atMs, detail } = entry
    const what = `${replica} ${step} ${kind === 'intent' ? 'is to be made' : 'was made'}`
    const after = kind === 'done' && step === 'rebind' ? to : null
    const base = bare(planId, `moves/${withoutPlan(key)}/${at}`, atMs)
    return { ...base, ...about, kind: 'effect', what, evidence: detail, before: from, after }
  })
  if (outcome === null) return steps
  const why = outcome.kind === 'failed' ? outcome.reason : about.why
  const base = bare(planId, `moves/${withoutPlan(key)}/${outcome.kind}/${outcome.atMs}`, outcome.atMs)
  const what = `the move of ${replica} from ${from} to ${to}: ${outcome.kind}`
  return [...steps, { ...base, kind: 'outcome', what, why, before: from, after: outcome.kind }]
}

export function loweringFacts(lowering: LoweringRecord): AuditFact[] {
  const { planId, key, gate, stamp, pool, from, to, direction, outcome } = lowering
  const why = direction === 'lower' ? `gate ${gate} was opened` : `${gate} goes back`
  const sides = { before: String(from), after: String(to) }
  const about = `the minimum of ${stamp} ${pool}`
  const steps = lowering.steps.map(({ kind, atMs, detail }, at): AuditFact => {
    const what = `${about} is ${kind === 'intent' ? 'to be changed' : 'changed'}: ${from} to ${to} nodes`
    const base = bare(planId, `lowerings/${withoutPlan(key)}/${at}`, atMs)
    return { ...base, kind: 'effect', what, why, evidence: detail, ...sides }
  })
  if (outcome === null) return steps
  const base = bare(planId, `lowerings/${withoutPlan(key)}/${outcome.kind}/${outcome.atMs}`, outcome.atMs)
  const reason = outcome.kind === 'failed' ? outcome.reason : why
  return [...steps, { ...base, kind: 'outcome', what: loweringWords(lowering), why: reason, ...sides }]
}

export function provisioningFacts({ planId, key, gate, stamp, steps }: ProvisioningRecord): AuditFact[] {
  return steps.map(({ step, kind, atMs, detail }) => ({
    ...bare(planId, `provisionings/${withoutPlan(key)}/${step}/${kind}`, atMs),
    kind: 'effect',
    what: `${step} of stamp ${stamp} ${kind === 'intent' ? 'is to be made' : 'was made'}`,
    why: step === 'remove' ? `${gate} failed, or goes back` : `gate ${gate} was opened`,
    evidence: detail,
  }))
}

export function minimumFacts(
  id: string,
  { planId, stamp, role, before, raisedTo, atMs, ended }: RaisedMinimum,
): AuditFact[] {
  const key = `minimums/${id}/${atMs}`
  const what = `raised the minimum of ${stamp} ${role} to ${raisedTo} nodes`
  const sides = { before: String(before), after: String(raisedTo) }
  const raise: AuditFact = { ...bare(planId, key, atMs), kind: 'outcome', what, ...sides }
  if (!ended) return [raise]
  const end = ended.how === 'restored' ? 'lowered it again' : 'left it, since somebody else had changed it'
  return [raise, { ...bare(planId, `${key}/ended`, ended.atMs), kind: 'outcome', what: `${what}; ${end}` }]
}
