import type { AccessToken, TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline'

export interface WireAnswer {
  readonly status: number
  readonly body?: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The SDKs' own seam: everything but the network runs, and `answer` is what comes over the wire. */
export function wire(answer: (request: PipelineRequest) => WireAnswer | Promise<WireAnswer>): HttpClient {
  return {
    async sendRequest(request) {
      const { status, body, headers = {} } = await answer(request)
      return {
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
        bodyAsText: body === undefined ? null : JSON.stringify(body),
      }
    },
  }
}

/** A token that nobody checks. */
export const anyCredential: TokenCredential = {
  getToken: async (): Promise<AccessToken> => ({
    token: 'a-token',
    expiresOnTimestamp: Date.now() + 3_600_000,
  }),
}
