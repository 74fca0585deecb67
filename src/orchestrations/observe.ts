import type { OrchestrationContext } from 'durable-functions'
import { waitingFor } from '../domain/waiting.ts'
import { Evaluate, type Orders, ReadOrders, RecordStatus } from '../messages/activities.ts'
import { ObserveInput, type ObserveOutcome } from '../messages/outline.ts'
import { call, eventOrTimer, nowMs, type Steps } from './durable.ts'

/** After so many looks the history is cut off by continue-as-new. */
const LOOKS_MAX = 24
/** A move does its harm at once, so the first hours are looked at more often than the policy asks for. */
const EARLY_MS = 2 * 3_600_000
const EARLY_EVERY_MS = 600_000
/** Too little evidence at the window's end extends it by its own length within these bounds; then a person is asked. */
const EXTENSION_MS_MIN = 6 * 3_600_000
const EXTENSION_MS_MAX = 24 * 3_600_000

/**
 * Judges a moved batch again and again until its window is over and there is enough evidence to pass. An event only cuts a wait short: one that is lost
 * in a continue-as-new costs no more than one turn of the cadence, since orders are read from records each time.
 */
export function* observe(context: OrchestrationContext): Steps<ObserveOutcome | undefined> {
  const given = ObserveInput.parse(context.df.getInput())
  let { tick } = given
  const end = (kind: ObserveOutcome['kind'], words: string) => ({ kind, words, atMs: ownMs(context, given) })
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const now = nowMs(context)
    const { planId, digest, gate } = given
    const orders = yield* call(context, ReadOrders, { planId, digest, gate, decidedAfterMs: 0 })
    const ordered = orderedOtherwise(orders, given)
    if (ordered) return end('ordered', ordered)

    const people = orders.observation?.filter(({ atMs }) => atMs >= given.sinceMs) ?? []
    const ended = people.at(-1)?.set === 'end' ? people.at(-1) : undefined
    const input = extendedBy(given, people)
    const final = now >= input.untilMs || ended !== undefined
    let lacking: string | null = null
    if (now > input.sinceMs) {
      const { sinceMs } = input
      const seen = yield* call(context, Evaluate, { planId, digest, gate, sinceMs, final })
      if (seen.verdict === 'worse') return end('worse', seen.words)
      if (ended) return end('betterOrEqual', `ended by ${ended.words}; seen so far: ${seen.words}`)
      const isOver = final && (seen.verdict === 'betterOrEqual' || now >= extendedUntilMs(input))
      if (isOver) return end(seen.verdict, seen.words)
      if (seen.verdict === 'notEnoughEvidence') lacking = seen.words
    }
    tick += 1
    yield* recordObserving(context, input, { tick, lacking: final ? lacking : null })
    yield* eventOrTimer(context, wakeName(tick), nextLookMs(input, now))
  }
  context.df.continueAsNew({ ...given, tick })
  return undefined
}

/** Never before its parent's time at its beginning: an older status would count as a repeat. */
function ownMs(context: OrchestrationContext, { sinceMs }: ObserveInput): number {
  return Math.max(nowMs(context), sinceMs)
}

function extendedUntilMs({ sinceMs, untilMs }: ObserveInput): number {
  return untilMs + Math.min(Math.max(untilMs - sinceMs, EXTENSION_MS_MIN), EXTENSION_MS_MAX)
}

function nextLookMs(input: ObserveInput, now: number): number {
  const { sinceMs, untilMs, evaluateEveryMs } = input
  const isEarly = now < sinceMs + EARLY_MS
  const nextMs = now + (isEarly ? Math.min(EARLY_EVERY_MS, evaluateEveryMs) : evaluateEveryMs)
  return Math.min(nextMs, now < untilMs ? untilMs : extendedUntilMs(input))
}

function wakeName(tick: number): string {
  return `look-${tick}`
}

/** A window that people made longer; never shorter than the policy's. */
function extendedBy(input: ObserveInput, people: NonNullable<Orders['observation']>): ObserveInput {
  const longer = people.filter(({ set }) => set === 'extend').map(({ untilMs }) => untilMs)
  return { ...input, untilMs: Math.max(input.untilMs, ...longer) }
}

function orderedOtherwise(orders: Orders, input: ObserveInput): string | null {
  // What somebody else took elsewhere is no longer what this observation is about.
  const strayed = orders.strayed && orders.strayed.atMs >= input.sinceMs ? orders.strayed.words : null
  return orders.abort ?? orders.rollback ?? orders.undo?.reason ?? strayed
}

function* recordObserving(
  context: OrchestrationContext,
  input: ObserveInput,
  { tick, lacking }: { readonly tick: number; readonly lacking: string | null },
): Steps<void> {
  const { planId, gate, sinceMs } = input
  const untilMs = lacking === null ? input.untilMs : extendedUntilMs(input)
  yield* call(context, RecordStatus, {
    planId,
    atMs: ownMs(context, input),
    status: { kind: 'observing', gate, sinceMs, untilMs },
    waiting: {
      ...waitingFor(
        lacking === null
          ? { kind: 'observation', planId, gate, sinceMs, untilMs }
          : { kind: 'evidence', planId, gate, sinceMs, untilMs, lacking },
      ),
      event: wakeName(tick),
      instance: context.df.instanceId,
    },
  })
}
