import type { Fields } from './log.ts'

/** A place in a trace, as W3C Trace Context writes it. Empty where there is none. */
export interface TraceParent {
  readonly traceparent: string
  readonly tracestate: string
}

/** Traces of what is done. Without anybody who collects them, all of it only calls what it is given. */
export interface Spans {
  /** The same function, within the trace that the host was called in. */
  bind<F extends (...args: never[]) => unknown>(parent: TraceParent, work: F): F
  /** Does something as a span of its own; a failure is noted in it and thrown on. */
  within<T>(span: { readonly name: string; readonly at: Fields }, work: () => Promise<T>): Promise<T>
}
