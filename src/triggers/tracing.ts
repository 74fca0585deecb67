import { app } from '@azure/functions'
import { z } from 'zod'
import type { Fields } from '../ports/log.ts'
import type { Spans } from '../ports/spans.ts'

/** Leads the trace that the host calls a function in on into the function, and so into what it starts and whom it asks. */
export function traceInvocations(spans: Spans): void {
  app.hook.preInvocation((before) => {
    const { traceParent = '', traceState = '' } = before.invocationContext.traceContext ?? {}
    const parent = { traceparent: traceParent, tracestate: traceState }
    before.functionHandler = spans.bind(parent, before.functionHandler)
  })
}

/** The ids that an activity's input may hold. Nothing else of it is told to a trace. */
const Ids = z.object({
  planId: z.string().optional(),
  gate: z.string().optional(),
  replica: z.string().optional(),
  region: z.string().optional(),
  stamp: z.string().optional(),
  direction: z.string().optional(),
})

/** An activity's span: its name, and the ids of what it is about. */
export function activitySpan(name: string, input: unknown): { readonly name: string; readonly at: Fields } {
  const ids = Ids.safeParse(input)
  const known = Object.entries(ids.success ? ids.data : {})
  return {
    name: `activity ${name}`,
    at: Object.fromEntries(
      known.flatMap(([key, value]) => (value === undefined ? [] : [[`restamp.${key}`, value] as const])),
    ),
  }
}
