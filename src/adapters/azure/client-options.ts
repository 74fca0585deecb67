import { setTimeout as sleep } from 'node:timers/promises'
import type { TokenCredential } from '@azure/core-auth'
import type { HttpClient, PipelinePolicy, PipelineRequest, PipelineResponse } from '@azure/core-rest-pipeline'

/** What every client of Azure is made with. */
export interface ClientOptions {
  readonly credential: TokenCredential
  /** What sends requests, where it is not the network. */
  readonly httpClient?: HttpClient | undefined
}

const READS_MAX = 3
/** A service that asks for a longer wait is asked again by the durable layer: a step that waits inside is billed and may be killed. */
const WAIT_MS_MAX = 2_000
const PASSING = [500, 502, 503, 504]
/** Questions that are asked by POST. */
const QUESTION = /(:getBatch|\/query|\/providers\/Microsoft\.ResourceGraph\/resources)$/i

/**
 * A question is asked again at once where its answer was lost or the service failed, and after a moment where it was throttled for
 * no longer: a step asks dozens, and would hardly ever get through if each failure ended it. Nothing else is repeated here.
 */
export function sdkOptions({ httpClient }: ClientOptions) {
  return optionsWith(httpClient, [askAgain])
}

/** For writes, too, whose repeat changes nothing or is recognised. */
export function onceMoreOptions({ httpClient }: ClientOptions) {
  return optionsWith(httpClient, [askAgain, sendOnceMore])
}

function optionsWith(httpClient: HttpClient | undefined, policies: readonly PipelinePolicy[]) {
  return {
    retryOptions: { maxRetries: 0 },
    additionalPolicies: policies.map((policy) => ({ policy, position: 'perRetry' as const })),
    ...(httpClient ? { httpClient } : {}),
  }
}

const askAgain: PipelinePolicy = {
  name: 'askAgain',
  async sendRequest(request, next) {
    if (!isQuestion(request)) return next(request)
    for (let attempt = 1; ; attempt += 1) {
      const answer = await next(request).catch((error: unknown) => {
        if (attempt === READS_MAX || request.abortSignal?.aborted) throw error
      })
      const waitMs = answer && waitBefore(answer)
      if (answer && (waitMs === undefined || attempt === READS_MAX)) return answer
      if (waitMs) await sleep(waitMs)
    }
  },
}

/** A throttled write is not sent again here. */
const sendOnceMore: PipelinePolicy = {
  name: 'sendOnceMore',
  async sendRequest(request, next) {
    if (isQuestion(request)) return next(request)
    try {
      const response = await next(request)
      if (!PASSING.includes(response.status)) return response
    } catch (error) {
      if (request.abortSignal?.aborted) throw error
    }
    return next(request)
  },
}

function isQuestion({ method, url }: PipelineRequest): boolean {
  return method === 'GET' || (method === 'POST' && QUESTION.test(new URL(url).pathname))
}

/** How long to wait before a question is asked again; undefined where it is answered, or the wait would be too long. */
function waitBefore({ status, headers }: PipelineResponse): number | undefined {
  if (PASSING.includes(status)) return 0
  const waitMs = Number(headers.get('x-ms-retry-after-ms') ?? Number(headers.get('retry-after')) * 1000)
  return status === 429 && waitMs > 0 && waitMs <= WAIT_MS_MAX ? waitMs : undefined
}
