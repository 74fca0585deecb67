/** How a generation of an orchestration ends. */
export type Ending =
  | { readonly kind: 'completed'; readonly output: string | null }
  | {
      readonly kind: 'failed'
      readonly reason: string
      readonly details: string | null
      readonly cause: FailureCause
    }
  | { readonly kind: 'terminated'; readonly reason: string | null }
  | { readonly kind: 'continuedAsNew'; readonly input: unknown }

/** A failure that the host itself sees. */
export function failedByHost(name: string, text: string): Extract<Ending, { kind: 'failed' }> {
  const reason = `Orchestrator function '${name}' failed: ${text}`
  return { kind: 'failed', reason, details: `Message: ${text}, StackTrace: `, cause: 'host' }
}

type FailureCause = 'orchestrator' | 'host'
