import type { OrchestrationContext } from 'durable-functions'
import { Evaluate, ReadOrders, RecordStatus } from '../messages/activities.ts'
import { ObserveInput, type ObserveOutcome } from '../messages/outline.ts'
import { call, eventOrTimer, nowMs, type Steps } from './durable.ts'

/** After so many looks the history is cut off by continue-as-new. */
const LOOKS_MAX = 24

/**
 * Judges a moved batch again and again until its window is over. An event only cuts a wait short: one that is lost
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
    if (now > input.sinceMs) {
      const { gate, planId, digest, sinceMs } = input
      const seen = yield* call(context, Evaluate, { planId, digest, gate, sinceMs, final })
      if (seen.verdict === 'worse') return { kind: 'worse', words: seen.words }
      if (final) return { kind: seen.verdict, words: seen.words }
    }
    tick += 1
    yield* recordObserving(context, input, tick)
    yield* eventOrTimer(context, wakeName(tick), Math.min(input.untilMs, now + input.evaluateEveryMs))
  }
  context.df.continueAsNew({ ...input, tick })
  return undefined
}

function wakeName(tick: number): string {
  return `look-${tick}`
}

function* orderedOtherwise(context: OrchestrationContext, input: ObserveInput): Steps<string | null> {
  const { planId, digest, gate } = input
  const orders = yield* call(context, ReadOrders, { planId, digest, gate, decidedAfterMs: 0 })
  return orders.abort ?? orders.rollback
}

function* recordObserving(context: OrchestrationContext, input: ObserveInput, tick: number): Steps<void> {
  const { planId, gate, sinceMs, untilMs } = input
  yield* call(context, RecordStatus, {
    planId,
    atMs: nowMs(context),
    status: { kind: 'observing', gate, sinceMs, untilMs },
    waiting: {
      what: `batch ${gate} is observed: source, destination and moved registries against their own past`,
      sinceMs,
      untilMs,
      who: 'time; an operator may roll back or abort before',
      atDeadline:
        'better or equal: the next batch asks for its gate; worse at any time: the batch is reversed',
      next: [`restamp rollback ${planId} --reason "..."`, `restamp abort ${planId} --reason "..."`],
      event: wakeName(tick),
      instance: context.df.instanceId,
      person: false,
    },
  })
}
