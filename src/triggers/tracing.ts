import { app } from '@azure/functions'
import { z } from 'zod'
import type { Fields, Log } from '../ports/log.ts'
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
  const ids = Object.entries(idsIn(input)).map(([key, value]) => [`restamp.${key}`, value] as const)
  return { name: `activity ${name}`, at: Object.fromEntries(ids) }
}

const Refusal = z.object({ kind: z.literal('refused'), reason: z.string() })

/** Logs that an activity refused what it was asked for, with why: a run may be held for it, or tried again until it is. */
export function logRefusal(
  log: Log,
  step: { readonly name: string; readonly input: unknown; readonly answer: unknown },
): void {
  const refusal = Refusal.safeParse(step.answer)
  if (!refusal.success) return
  log('warning', 'a step was refused', {
    ...idsIn(step.input),
    ...{ step: step.name, reason: refusal.data.reason },
  })
}

function idsIn(input: unknown): Fields {
  const ids = Ids.safeParse(input)
  const known = Object.entries(ids.success ? ids.data : {})
  return Object.fromEntries(
    known.flatMap(([key, value]) => (value === undefined ? [] : [[key, value] as const])),
  )
}
