import type { AuditFact } from '../domain/audit.ts'
import { canonicalJson, sha256Hex } from '../domain/canonical.ts'
import { foreignWords } from '../domain/deviation.ts'
import { type Forwarding, leftWords } from '../domain/forwarding.ts'
import type { RaisedMinimum } from '../domain/raised-minimum.ts'
import type { Controls, MoveRecord, Run, RunStatus } from '../domain/run.ts'
import { hasEnded } from '../domain/run.ts'
import { switchWords } from '../domain/switches.ts'
import type { Collection, RecordOf } from '../ports/records.ts'

type Facts<C extends Collection> = (id: string, record: RecordOf<C>) => readonly AuditFact[]

const RESTAMP = 'restamp'
/** The chain of what belongs to no plan. */
export const FLEET_CHAIN = 'fleet'

/** What each collection's records tell an audit. Whoever adds a collection says here what it tells, or that it tells nothing. */
const FACTS: { readonly [C in Collection]: Facts<C> } = {
  plans: (_, { id, requestedBy, verdict, moves, reason, madeAtMs, digest }) => [
    {
      ...bare(id, 'plan', madeAtMs),
      kind: 'plan',
      who: requestedBy,
      what: `made a plan: ${verdict}, ${moves.length} moves`,
      why: reason,
      after: digest,
    },
  ],
  rehearsals: (_, report) =>
    report.status === 'running'
      ? []
      : [
          {
            ...bare(report.planId, 'rehearsal', report.atMs),
            kind: 'rehearsal',
            what: `rehearsal ${report.status}`,
            why: report.words,
            evidence: sha256Hex(canonicalJson(report)),
          },
        ],
  runs: (_, run) => [startFact(run), ...statusFacts(run)],
  decisions: (id, { planId, gates, answer, by, reason, atMs, digest, evidence, expiresAtMs }) => [
    {
      ...bare(planId, `decisions/${withoutPlan(id)}`, atMs),
      kind: 'decision',
      who: by,
      what: `${answer} ${gates.join(', ')} of digest ${digest}${expiresAtMs === null ? '' : `, good until ${new Date(expiresAtMs).toISOString()}`}`,
      why: reason,
      evidence: evidence ?? null,
      after: answer,
    },
  ],
  conflicts: (id, { planId, gate, answer, by, reason, atMs, standing }) => [
    {
      ...bare(planId, `conflicts/${withoutPlan(id)}`, atMs),
      kind: 'conflict',
      who: by,
      what: `said ${answer} to ${gate}, where ${standing.by} had said ${standing.answer}`,
      why: reason,
      before: standing.answer,
      after: standing.answer,
    },
  ],
  evidence: (id, evidence) => [
    {
      ...bare(evidence.planId, `evidence/${withoutPlan(id)}`, evidence.atMs),
      kind: 'evidence',
      what: 'gathered what an approver decides on',
      evidence: sha256Hex(canonicalJson(evidence)),
    },
  ],
  controls: (_, controls) => controlFacts(controls),
  moves: (_, move) => moveFacts(move),
  evaluations: (id, evaluation) =>
    evaluation.final || evaluation.verdict !== 'betterOrEqual'
      ? [
          {
            ...bare(id.slice(0, id.indexOf('/')), `evaluations/${withoutPlan(id)}`, evaluation.atMs),
            kind: 'verdict',
            what: `judged ${evaluation.gate}: ${evaluation.verdict}`,
            why: evaluation.words,
            evidence: sha256Hex(canonicalJson(evaluation)),
            after: evaluation.verdict,
          },
        ]
      : [],
  switches: (id, turned) => [
    {
      ...bare(FLEET_CHAIN, `switches/${id}`, turned.atMs),
      kind: 'control',
      who: turned.by,
      what: turned.setting === 'off' ? `lifted the kill switch of ${turned.scope}` : switchWords(turned),
      why: turned.reason,
      after: turned.setting,
    },
  ],
  forwardings: (id, forwarding) => forwardingFacts(withoutPlan(id), forwarding),
  staleWriters: (id, { planId, replica, step, atMs, words }) => [
    {
      ...bare(planId, `staleWriters/${withoutPlan(id)}`, atMs),
      kind: 'outcome',
      what: `a late ${step} of ${replica} changed nothing`,
      why: words,
    },
  ],
  foreignRebinds: (id, foreign) => [
    {
      ...bare(foreign.planId, `foreignRebinds/${withoutPlan(id)}`, foreign.atMs),
      kind: 'outcome',
      what: foreignWords(foreign),
      before: foreign.expected,
      after: foreign.found,
    },
  ],
  repairs: (id, { replica, from, to, epoch, atMs }) => [
    {
      ...bare(FLEET_CHAIN, `repairs/${id}`, atMs),
      kind: 'effect',
      what: `led the route of ${replica} to where it is bound`,
      why: `it led to ${from}`,
      evidence: `epoch ${epoch}`,
      before: from,
      after: to,
    },
  ],
  minimums: (id, raised) => minimumFacts(withoutPlan(id), raised),
  budgets: () => [],
  incidents: (id, { resolved }) =>
    resolved === null || resolved.by === 'Restamp' || resolved.by === 'Azure Monitor'
      ? []
      : [
          {
            ...bare(FLEET_CHAIN, `incidents/${id}`, resolved.atMs),
            kind: 'control',
            who: resolved.by,
            what: `ended the incident ${id}`,
            why: resolved.reason,
            before: 'open',
            after: 'resolved',
          },
        ],
  predictions: (id, { stamp, pool, accepted }) =>
    accepted === undefined
      ? []
      : [
          {
            ...bare(FLEET_CHAIN, `predictions/${id}`, accepted.atMs),
            kind: 'control',
            who: accepted.by,
            what: `accepted a missed prediction of ${stamp} ${pool}`,
            why: accepted.reason,
          },
        ],
  leases: () => [],
  motions: () => [],
  notices: () => [],
  comparisons: () => [],
  scans: () => [],
  audit: () => [],
}

/** What a record tells; each fact has a key of its own, so that the same record tells the same facts again. */
export function factsOf<C extends Collection>(
  collection: C,
  id: string,
  record: RecordOf<C>,
): readonly AuditFact[] {
  return FACTS[collection](id, record)
}

function bare(chain: string, key: string, atMs: number) {
  return { chain, key, atMs, who: RESTAMP, why: null, evidence: null, before: null, after: null }
}

function withoutPlan(id: string): string {
  return id.slice(id.indexOf('/') + 1)
}

function startFact({ planId, startedBy, startedAtMs, digest }: Run): AuditFact {
  const what = `started the run of digest ${digest}`
  return { ...bare(planId, 'start', startedAtMs), kind: 'start', who: startedBy, what }
}

/** A status that is passed within seconds tells nothing; one that lasts is told once. */
function statusFacts({ planId, status }: Run): AuditFact[] {
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

function controlFacts({ planId, hold, resumed, rollback, abort }: Controls): AuditFact[] {
  const orders = { hold, resume: resumed, rollback, abort }
  return Object.entries(orders).flatMap(([name, order]): AuditFact[] =>
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

function forwardingFacts(id: string, forwarding: Forwarding): AuditFact[] {
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

function moveFacts(move: MoveRecord): AuditFact[] {
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

function minimumFacts(
  id: string,
  { planId, stamp, role, before, raisedTo, atMs, ended }: RaisedMinimum,
): AuditFact[] {
  const key = `minimums/${id}/${atMs}`
  const what = `raised the minimum of ${stamp} ${role} to ${raisedTo} nodes`
  const sides = { before: String(before), after: String(raisedTo) }
  const raise: AuditFact = { ...bare(planId, key, atMs), kind: 'effect', what, ...sides }
  if (!ended) return [raise]
  const end = ended.how === 'restored' ? 'lowered it again' : 'left it, since somebody else had changed it'
  return [raise, { ...bare(planId, `${key}/ended`, ended.atMs), kind: 'effect', what: `${what}; ${end}` }]
}
