import { z } from 'zod'
import { PlanId } from './ids.ts'

/** Whom a message is for: those who can end the wait, or who is told when they don't. */
export const Audience = z.enum(['approvers', 'operators', 'escalation'])
export type Audience = z.infer<typeof Audience>

/** What people are told. The key names it once, whoever sends it and how often. */
export const Told = z.object({
  key: z.string(),
  /** Null where it is of no plan alone. */
  planId: PlanId.nullable(),
  to: Audience,
  subject: z.string(),
  text: z.string(),
  /** What an answer rests on, line by line. */
  facts: z.array(z.string()).optional(),
  /** When it became due, epoch ms. */
  dueAtMs: z.int(),
})
export type Told = z.infer<typeof Told>

/** By which a channel knows it again. */
export function toldName({ planId, key }: Pick<Told, 'planId' | 'key'>): string {
  return `${planId ?? 'fleet'}/${key}`
}

/** What people are told of a run that waits for them. */
export const Message = Told.extend({ planId: PlanId })
export type Message = z.infer<typeof Message>

/** A message with what came of sending it. */
export const Reminder = z.object({
  message: Message,
  toldAtMs: z.int().nullable(),
  attempts: z.int(),
  failure: z.string().nullable(),
})
export type Reminder = z.infer<typeof Reminder>

/** A wait that only a person ends. */
export interface PersonalWait {
  readonly planId: PlanId
  /** Tells apart what begins to wait at the same moment. */
  readonly name: string
  readonly what: string
  readonly who: string
  readonly atDeadline: string
  readonly next: readonly string[]
  readonly sinceMs: number
  readonly untilMs: number | null
  readonly asks: 'approvers' | 'operators'
  readonly facts?: readonly string[]
}

export interface Cadence {
  readonly remindEveryMs: number
  /** So long before the deadline it goes to others, too. */
  readonly escalateBeforeMs: number
}

/** A person who does not answer to so many reminders will not answer to one more. */
const REMINDERS_MAX = 20
const EVERY_MS_MIN = 60_000

/**
 * What is due to be told about a wait by now: that it began, the latest reminder, and before the deadline the escalation.
 * Reminders that were missed are not made up for.
 */
export function messagesDue(
  wait: PersonalWait,
  { remindEveryMs, escalateBeforeMs }: Cadence,
  nowMs: number,
): Message[] {
  const { sinceMs, untilMs, asks } = wait
  const everyMs = Math.max(remindEveryMs, EVERY_MS_MIN)
  const lastMs = untilMs === null ? nowMs : Math.min(nowMs, untilMs - 1)
  const due: Message[] = [message(wait, { name: 'asked', to: asks, dueAtMs: sinceMs })]
  const turn = Math.min(Math.floor((lastMs - sinceMs) / everyMs), REMINDERS_MAX)
  if (turn > 0)
    due.push(message(wait, { name: `reminder-${turn}`, to: asks, dueAtMs: sinceMs + turn * everyMs }))
  // Where the whole wait is shorter, others are told half-way: it must not come with the question itself.
  const escalateMs = untilMs === null ? null : Math.max(untilMs - escalateBeforeMs, (sinceMs + untilMs) / 2)
  if (escalateMs !== null)
    due.push(message(wait, { name: 'escalated', to: 'escalation', dueAtMs: Math.floor(escalateMs) }))
  return due.filter(({ dueAtMs }) => dueAtMs <= nowMs && (untilMs === null || nowMs < untilMs))
}

interface Occasion {
  readonly name: string
  readonly to: Audience
  readonly dueAtMs: number
}

const SUBJECTS: Readonly<Record<Audience, string>> = {
  approvers: 'waits for an answer',
  operators: 'waits for a person',
  escalation: 'is still without an answer and close to its deadline',
}

function message(wait: PersonalWait, { name, to, dueAtMs }: Occasion): Message {
  const { planId, what, who, atDeadline, next, sinceMs, untilMs, facts = [] } = wait
  const until = untilMs === null ? 'It has no deadline' : `Its deadline is ${new Date(untilMs).toISOString()}`
  const text = `${planId} waits for: ${what}. Who can end it: ${who}. ${until}; then: ${atDeadline}. ${next.join(' | ')}`
  return {
    key: `${wait.name}/${sinceMs}/${name}`,
    planId,
    to,
    subject: `${planId} ${SUBJECTS[to]}`,
    text,
    ...(facts.length > 0 ? { facts: [...facts] } : {}),
    dueAtMs,
  }
}
