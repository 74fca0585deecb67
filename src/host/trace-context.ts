import { randomUUID } from 'node:crypto'

/** A place in a trace, as the headers of W3C Trace Context have it. Empty texts where there is none. */
export interface TraceContext {
  readonly traceParent: string
  readonly traceState: string
}

/** The trace of an execution, as its first event keeps it: where it was started, and the span that it is itself. */
export interface ExecutionTrace {
  readonly TraceParent: string
  readonly TraceState: string | null
  readonly Id: string
  readonly SpanId: string
  readonly ActivityStartTime: string
}

/** Where an activity was scheduled. */
export type TaskTrace = Pick<ExecutionTrace, 'TraceParent' | 'TraceState'>

export const noTrace: TraceContext = { traceParent: '', traceState: '' }

const traceStateMax = 513
const pattern = /^(?!ff)[\da-f]{2}-(?!0{32})([\da-f]{32})-(?!0{16})([\da-f]{16})-([\da-f]{2})(?:-|$)/

/** A new span below one that exists, or in a trace of its own below none. */
export function spanBelow({ traceParent, traceState }: TraceContext): TraceContext {
  const [, trace, , flags] = pattern.exec(traceParent) ?? []
  const span = randomHex().slice(16)
  if (trace === undefined) return { traceParent: `00-${randomHex()}-${span}-00`, traceState: '' }
  return { traceParent: `00-${trace}-${span}-${flags}`, traceState }
}

/** 32 digits. Node draws UUIDs from a pool, so that one costs a fraction of what as many random bytes would. */
function randomHex(): string {
  return randomUUID().replaceAll('-', '')
}

/** The span of a request, below the one that its headers name. */
export function requestSpan(headers: Readonly<Record<string, string>>): TraceContext {
  return spanBelow({ traceParent: headers.traceparent ?? '', traceState: headers.tracestate ?? '' })
}

/** An execution is one span in all its episodes and generations, so its span is fixed where it is started. */
export function executionTrace(startedAt: TraceContext, atMs: number): ExecutionTrace {
  const own = spanBelow(startedAt).traceParent
  return {
    ...taskTrace(startedAt),
    Id: own,
    SpanId: own.split('-')[2] ?? '',
    ActivityStartTime: new Date(atMs).toISOString(),
  }
}

/** Longer trace states are dropped as a whole, as the real host does. */
export function taskTrace({ traceParent, traceState }: TraceContext): TaskTrace {
  const isKept = traceState !== '' && traceState.length <= traceStateMax
  return { TraceParent: traceParent, TraceState: isKept ? traceState : null }
}

/** What an execution's own invocations get. */
export function ownContext({ Id, TraceState }: ExecutionTrace): TraceContext {
  return { traceParent: Id, traceState: TraceState ?? '' }
}

/** What the invocation of a scheduled activity gets. */
export function taskContext({ TraceParent, TraceState }: TaskTrace): TraceContext {
  return spanBelow({ traceParent: TraceParent, traceState: TraceState ?? '' })
}
