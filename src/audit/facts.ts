import type { AuditFact } from '../domain/audit.ts'
import { canonicalJson, sha256Hex } from '../domain/canonical.ts'
import { foreignWords } from '../domain/deviation.ts'
import { switchWords } from '../domain/switches.ts'
import type { Collection, RecordOf } from '../ports/records.ts'
import {
  bare,
  controlFacts,
  forwardingFacts,
  loweringFacts,
  minimumFacts,
  moveFacts,
  provisioningFacts,
  startFact,
  statusFacts,
  ticketFacts,
  withoutPlan,
} from './run-facts.ts'

type Facts<C extends Collection> = (id: string, record: RecordOf<C>) => readonly AuditFact[]

/** The chain of what belongs to no plan. */
export const FLEET_CHAIN = 'fleet'

/** What each collection's records tell an audit. Whoever adds a collection says here what it tells, or that it tells nothing. */
const FACTS: { readonly [C in Collection]: Facts<C> } = {
  plans: (_, { id, requestedBy, verdict, moves, reverses, reason, madeAtMs, digest }) => [
    {
      ...bare(id, 'plan', madeAtMs),
      kind: 'plan',
      who: requestedBy,
      what: `made a plan: ${verdict}, ${moves.length} moves`,
      why: reason,
      // The digest stands in the record that somebody might change; this one is worked out anew from what it moves.
      evidence: sha256Hex(canonicalJson({ moves, reverses })),
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
      why: `it led to ${from ?? 'no stamp'}`,
      evidence: `epoch ${epoch}`,
      before: from,
      after: to,
    },
  ],
  minimums: (id, raised) => minimumFacts(withoutPlan(id), raised),
  lowerings: (_, lowering) => loweringFacts(lowering),
  provisionings: (_, attempt) => provisioningFacts(attempt),
  reminders: (id, { message, toldAtMs }) =>
    toldAtMs === null
      ? []
      : [
          {
            ...bare(message.planId, `reminders/${withoutPlan(id)}`, toldAtMs),
            kind: 'outcome',
            what: `told ${message.to}: ${message.subject}`,
            why: message.text,
          },
        ],
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
  autonomy: (id, { region, phase, step, by, reason, atMs }) => [
    {
      ...bare(FLEET_CHAIN, `autonomy/${id}`, atMs),
      ...{
        kind: 'control',
        who: by,
        what: `${step} autonomy of the ${phase} of ${region}`,
        why: reason,
        after: step,
      },
    },
  ],
  motions: () => [],
  answers: () => [],
  tickets: (_, book) => ticketFacts(book),
  notices: () => [],
  comparisons: () => [],
  scans: () => [],
  audit: () => [],
}

/** Where each collection's facts are told: under their plan, whose id begins each record's, or under the fleet. */
const PLACES: { readonly [C in Collection]: 'plan' | 'fleet' | 'nowhere' } = {
  plans: 'plan',
  rehearsals: 'plan',
  runs: 'plan',
  evidence: 'plan',
  decisions: 'plan',
  conflicts: 'plan',
  controls: 'plan',
  moves: 'plan',
  evaluations: 'plan',
  forwardings: 'plan',
  staleWriters: 'plan',
  foreignRebinds: 'plan',
  minimums: 'plan',
  lowerings: 'plan',
  provisionings: 'plan',
  reminders: 'plan',
  autonomy: 'fleet',
  tickets: 'fleet',
  switches: 'fleet',
  repairs: 'fleet',
  incidents: 'fleet',
  predictions: 'fleet',
  budgets: 'nowhere',
  leases: 'nowhere',
  motions: 'nowhere',
  answers: 'nowhere',
  notices: 'nowhere',
  comparisons: 'nowhere',
  scans: 'nowhere',
  audit: 'nowhere',
}

/** The collections whose records tell facts of a plan, or of the fleet. */
export function collectionsOf(place: 'plan' | 'fleet'): Collection[] {
  return Object.keys(PLACES)
    .filter(isCollection)
    .filter((name) => PLACES[name] === place)
}

/** What a record tells; each fact has a key of its own, so that the same record tells the same facts again. */
export function factsOf<C extends Collection>(
  collection: C,
  id: string,
  record: RecordOf<C>,
): readonly AuditFact[] {
  return FACTS[collection](id, record)
}

function isCollection(name: string): name is Collection {
  return name in PLACES
}
