import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient, PipelinePolicy } from '@azure/core-rest-pipeline'

/** What every client of Azure is made with. */
export interface ClientOptions {
  readonly credential: TokenCredential
  /** What sends requests, where it is not the network. */
  readonly httpClient?: HttpClient | undefined
}

/** Nothing is repeated here: a step that waits inside is billed and may be killed, so the durable layer repeats it. */
export function sdkOptions({ httpClient }: ClientOptions) {
  return { retryOptions: { maxRetries: 0 }, ...(httpClient ? { httpClient } : {}) }
}

const PASSING = [500, 502, 503, 504]

/** Sends a request once more, at once, where its answer was lost or the service failed. A throttled one is not sent again here. */
const sendOnceMore: PipelinePolicy = {
  name: 'sendOnceMore',
  async sendRequest(request, next) {
    try {
      const response = await next(request)
      if (!PASSING.includes(response.status)) return response
    } catch (error) {
      if (request.abortSignal?.aborted) throw error
    }
    return next(request)
  },
}

/**
 * For steps of a dozen requests, which would hardly ever get through if each failure ended them. Only for calls whose repeat
 * changes nothing or is recognised.
 */
export function onceMoreOptions(options: ClientOptions) {
  const policy = { policy: sendOnceMore, position: 'perRetry' as const }
  return { ...sdkOptions(options), additionalPolicies: [policy] }
}
