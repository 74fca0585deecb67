import { context, propagation, ROOT_CONTEXT, type Span, SpanStatusCode, trace } from '@opentelemetry/api'
import { z } from 'zod'
import type { Spans } from '../../ports/spans.ts'

const SCOPE = 'restamp'
/** What an activity came to, where its answer says so in a word. */
const Answer = z.union([
  z.object({ kind: z.string() }).transform(({ kind }) => kind),
  z.object({ verdict: z.string() }).transform(({ verdict }) => verdict),
])

/** Spans by OpenTelemetry's API, which does nothing until an SDK is there: it is asked anew each time, since one comes late. */
export const OTEL_SPANS: Spans = {
  bind: (parent, work) => context.bind(propagation.extract(ROOT_CONTEXT, parent), work),
  within: ({ name, at }, work) =>
    trace.getTracer(SCOPE).startActiveSpan(name, { attributes: { ...at } }, async (span) => {
      try {
        const answer = await work()
        const outcome = Answer.safeParse(answer)
        if (outcome.success) span.setAttribute('restamp.outcome', outcome.data)
        return answer
      } catch (error) {
        noteFailure(span, error)
        throw error
      } finally {
        span.end()
      }
    }),
}

function noteFailure(span: Span, error: unknown): void {
  const failure = error instanceof Error ? error : new Error(String(error))
  span.recordException(failure)
  span.setStatus({ code: SpanStatusCode.ERROR, message: failure.name })
}
