import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient } from '@azure/core-rest-pipeline'

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
