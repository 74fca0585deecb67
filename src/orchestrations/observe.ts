import type { OrchestrationContext } from 'durable-functions'
import { waitingFor } from '../domain/waiting.ts'
import { Evaluate, ReadOrders, RecordStatus } from '../messages/activities.ts'
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
  const input = ObserveInput.parse(context.df.getInput())
  let { tick } = input
  for (let looks = 0; looks < LOOKS_MAX; looks += 1) {
    const now = nowMs(context)
    const ordered = yield* orderedOtherwise(context, input)
    if (ordered) return { kind: 'ordered', words: ordered }

    const final = now >= input.untilMs
    let lacking: string | null = null
    if (now > input.sinceMs) {
      const { gate, planId, digest, sinceMs } = input
      const seen = yield* call(context, Evaluate, { planId, digest, gate, sinceMs, final })
      if (seen.verdict === 'worse') return { kind: 'worse', words: seen.words }
      const isOver = final && (seen.verdict === 'betterOrEqual' || now >= extendedUntilMs(input))
      if (isOver) return { kind: seen.verdict, words: seen.words }
      if (seen.verdict === 'notEnoughEvidence') lacking = seen.words
    }
    tick += 1
    yield* recordObserving(context, input, { tick, lacking: final ? lacking : null })
    yield* eventOrTimer(context, wakeName(tick), nextLookMs(input, now))
  }
  context.df.continueAsNew({ ...input, tick })
  return undefined
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

function* orderedOtherwise(context: OrchestrationContext, input: ObserveInput): Steps<string | null> {
  const { planId, digest, gate } = input
  const orders = yield* call(context, ReadOrders, { planId, digest, gate, decidedAfterMs: 0 })
  // What somebody else took elsewhere is no longer what this observation is about.
  const strayed = orders.strayed && orders.strayed.atMs >= input.sinceMs ? orders.strayed.words : null
  return orders.abort ?? orders.rollback ?? strayed
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
    atMs: nowMs(context),
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
