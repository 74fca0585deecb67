import type { TraceContext } from './trace-context.ts'

/** New work that an episode decides on; `id` is the task id. */
export type Decision =
  | {
      readonly kind: 'activity'
      readonly id: number
      readonly name: string
      readonly input: unknown
      readonly trace?: TraceContext
    }
  | { readonly kind: 'timer'; readonly id: number; readonly fireAtMs: number }
  | {
      readonly kind: 'child'
      readonly id: number
      readonly name: string
      readonly instanceId: string
      readonly input: unknown
      readonly version: string | undefined
      readonly trace?: TraceContext
    }
