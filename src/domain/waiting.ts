import { z } from 'zod'

/** What something can wait for. */
export const WaitingKind = z.enum([
  'rehearsal',
  'start',
  'gate',
  'hold',
  'frozen',
  'window',
  'budget',
  'interlock',
  'lease',
  'motion',
  'step',
  'nodes',
  'drain',
  'reversal',
  'observation',
  'evidence',
  'report',
])
export type WaitingKind = z.infer<typeof WaitingKind>

/** What something waits for, the same on every surface. `next` are commands that can be typed as they stand. */
export const WaitingFor = z.object({
  kind: WaitingKind,
  what: z.string(),
  sinceMs: z.int(),
  untilMs: z.int().nullable(),
  who: z.string(),
  atDeadline: z.string(),
  next: z.array(z.string()),
  /** Whether only a person can end the wait. */
  person: z.boolean(),
})
export type WaitingFor = z.infer<typeof WaitingFor>

/** A run's wait as its record keeps it: with the event that wakes it, whose name is used once, and the instance that waits. */
export const Waiting = WaitingFor.extend({
  kind: WaitingKind.optional(),
  event: z.string(),
  instance: z.string(),
})
export type Waiting = z.infer<typeof Waiting>

interface Since {
  readonly planId: string
  readonly sinceMs: number
}
interface AtGate extends Since {
  readonly gate: string
}
interface Until {
  readonly untilMs: number
}
interface Moving extends AtGate {
  readonly replicas: readonly string[]
}

interface Blocked extends AtGate {
  readonly kind: 'frozen' | 'window' | 'budget' | 'interlock' | 'lease' | 'motion'
  readonly reason: string
  readonly untilMs: number | null
}

/** The facts of a wait; each kind carries those that its words need and no others. */
export type WaitingFacts =
  | (Since & { readonly kind: 'rehearsal' })
  | (Since & { readonly kind: 'start'; readonly rehearsed?: boolean })
  | (AtGate & Until & { readonly kind: 'gate'; readonly registries: number })
  | (AtGate & { readonly kind: 'hold'; readonly reason: string })
  | Blocked
  | (Since & { readonly kind: 'step'; readonly what: string })
  | (Moving & { readonly kind: 'nodes'; readonly details: readonly string[] })
  | (Moving & Until & { readonly kind: 'drain' })
  | (AtGate & { readonly kind: 'reversal'; readonly reason: string })
  | (AtGate & Until & { readonly kind: 'observation' })
  | (AtGate & Until & { readonly kind: 'evidence'; readonly lacking: string })
  | (Since & Until & { readonly kind: 'report' })

const BLOCKED_BY: Readonly<Record<string, Blocked['kind']>> = {
  switch: 'frozen',
  window: 'window',
  freeze: 'window',
  budget: 'budget',
  interlock: 'interlock',
  lease: 'lease',
  motion: 'motion',
}

/** The wait of a batch that a rule of admission keeps from starting; a rule unknown here is shown as an interlock. */
export function blockedBy(rule: string, facts: Omit<Blocked, 'kind'>): WaitingFor {
  return waitingFor({ ...facts, kind: BLOCKED_BY[rule] ?? 'interlock' })
}

type Words = Pick<WaitingFor, 'what' | 'who' | 'atDeadline' | 'next'> & { readonly person?: true }

/** Names of replicas that a wait shows; the others are counted. */
const NAMES_MAX = 5
const NO_DEADLINE = 'there is no deadline'

/** Puts a wait in words: what it waits for, who ends it, what happens at the deadline, and what to type. */
export function waitingFor(facts: WaitingFacts): WaitingFor {
  const { kind, sinceMs } = facts
  const { person = false, ...words } = wordsOf(facts)
  return { kind, sinceMs, untilMs: 'untilMs' in facts ? facts.untilMs : null, person, ...words }
}

function wordsOf(facts: WaitingFacts): Words {
  const { planId } = facts
  switch (facts.kind) {
    case 'rehearsal':
      return {
        what: 'the rehearsal of the plan against a twin of its region',
        who: 'nobody; it takes moments',
        atDeadline: NO_DEADLINE,
        next: [`restamp plans ${planId}`],
      }
    case 'start':
      return {
        what: `somebody to start the plan${facts.rehearsed === false ? '' : '; its rehearsal has passed'}`,
        who: 'a planner or an operator',
        atDeadline: `${NO_DEADLINE}; nothing moves before it is started`,
        next: [`restamp plans ${planId}`, `restamp start ${planId}`],
        person: true,
      }
    case 'gate':
      return gateWords(facts)
    case 'hold':
      return {
        what: `the run is held at ${facts.gate}: ${facts.reason}`,
        who: 'an operator',
        atDeadline: 'it stays held: nothing moves until somebody decides',
        next: commands(planId, ['resume', 'rollback', 'abort']),
        person: true,
      }
    case 'report':
      return {
        what: 'all batches have passed; the report needs the same weekday and hours as before the run',
        who: 'time; an operator may roll back or abort before',
        atDeadline: 'the run completes with its before/after table',
        next: commands(planId, ['rollback', 'abort']),
      }
    case 'frozen':
    case 'window':
    case 'budget':
    case 'interlock':
    case 'lease':
    case 'motion':
      return blockedWords(facts)
    case 'observation':
    case 'evidence':
      return observationWords(facts)
    case 'step':
    case 'nodes':
    case 'drain':
    case 'reversal':
      return movingWords(facts)
    default:
      return facts satisfies never
  }
}

function gateWords({ planId, gate, registries }: WaitingFacts & { kind: 'gate' }): Words {
  return {
    what: `gate ${gate}: a person's answer before ${beforeWords(gate, registries)}`,
    who: 'an approver who did not ask for the plan',
    atDeadline: 'no answer is no: the run is held and nothing moves',
    next: [
      `restamp approve ${planId} --gate ${gate} --reason "..."`,
      `restamp reject ${planId} --gate ${gate} --reason "..."`,
    ],
    person: true,
  }
}

function beforeWords(gate: string, registries: number): string {
  if (lowers(gate)) return 'minimums are lowered'
  return makesStamp(gate) ? 'a stamp is made' : counted(registries)
}

/** Whether a batch makes a stamp and moves nobody. */
export function makesStamp(gate: string): boolean {
  return gate.startsWith('provision-')
}

/** Whether a batch lowers minimums and moves nobody. */
export function lowers(gate: string): boolean {
  return gate.startsWith('right-size-')
}

function counted(registries: number): string {
  return registries === 1 ? '1 registry moves' : `${registries} registries move`
}

const WHO_UNBLOCKS: Readonly<Record<Blocked['kind'], string>> = {
  frozen: 'an operator or admin, with a reason; no configuration lifts a kill switch',
  window: 'time; the policy says when',
  budget: 'time',
  interlock: 'whoever ends what the interlock reports',
  lease: 'the other plan: it ends, or an operator aborts it',
  motion: 'the other region: its move ends',
}

function blockedWords({ kind, planId, gate, reason }: Blocked): Words {
  return {
    what: `${gate} may not go on: ${reason}`,
    who: WHO_UNBLOCKS[kind],
    atDeadline: 'it is looked at again; nothing moves while it is blocked',
    next: [
      ...(kind === 'frozen' ? ['restamp switch'] : []),
      ...commands(planId, ['hold', 'rollback', 'abort']),
    ],
    ...(kind === 'frozen' ? { person: true } : {}),
  }
}

function observationWords(facts: WaitingFacts & { kind: 'observation' | 'evidence' }): Words {
  const { planId, gate } = facts
  return {
    what:
      facts.kind === 'observation'
        ? `batch ${gate} is observed: ${observedWords(gate)}`
        : `batch ${gate} is observed for longer, since there is not enough evidence: ${facts.lacking}`,
    who: 'time; an operator may extend it, roll back or abort before; an approver may end it',
    atDeadline:
      facts.kind === 'observation'
        ? 'better or equal: the next batch asks for its gate; worse at any time: the batch is reversed; too little evidence: it is observed for longer'
        : 'still not enough evidence: the run holds and asks a person',
    next: [
      `restamp observation ${planId} extend --hours 24 --reason "..."`,
      `restamp observation ${planId} end --reason "..."`,
      ...commands(planId, ['rollback', 'abort']),
    ],
  }
}

function observedWords(gate: string): string {
  return lowers(gate)
    ? 'lowered pools against their target, and who lives there against their own past and others'
    : 'source, destination and moved registries against their own past and unmoved ones'
}

function movingWords(facts: WaitingFacts & { kind: 'step' | 'nodes' | 'drain' | 'reversal' }): Words {
  const { planId, kind } = facts
  switch (kind) {
    case 'step':
      return {
        what: facts.what,
        who: 'nobody; it takes seconds, and a step that fails is tried again before the run holds',
        atDeadline: NO_DEADLINE,
        next: commands(planId, ['hold', 'abort']),
      }
    case 'nodes':
      return {
        what: `${facts.gate}: ready nodes and a warm cache at the destination before ${named(facts.replicas)} move there${facts.details.map((words) => `; ${words}`).join('')}`,
        who: 'the scale set and the cache; they are looked at again for some minutes',
        atDeadline:
          'where nodes do not get ready the move fails and the run holds; a cache that is not warm in time is gone without',
        next: commands(planId, ['hold', 'abort']),
      }
    case 'drain':
      return {
        what: `${facts.gate}: the old home's last requests and uploads of ${named(facts.replicas)}`,
        who: 'the clients; they follow DNS or finish',
        atDeadline: 'the old home goes on serving what is left, and the report says so',
        next: commands(planId, ['hold', 'rollback', 'abort']),
      }
    case 'reversal':
      return {
        what: `${lowers(facts.gate) ? 'minimums are restored' : 'moves go home'} in order: ${facts.reason}`,
        who: lowers(facts.gate)
          ? 'nobody; one after another is set, and its nodes are waited for'
          : 'nobody; one after another is prepared, re-bound, routed and drained',
        atDeadline: NO_DEADLINE,
        next: commands(planId, ['abort']),
      }
    default:
      return kind satisfies never
  }
}

function named(replicas: readonly string[]): string {
  const shown = replicas.slice(0, NAMES_MAX).join(', ')
  return replicas.length > NAMES_MAX ? `${shown} and ${replicas.length - NAMES_MAX} more` : shown
}

function commands(planId: string, names: readonly ('resume' | 'hold' | 'rollback' | 'abort')[]): string[] {
  return names.map((name) => `restamp ${name} ${planId} --reason "..."`)
}
