import type { AccessToken, TokenCredential } from '@azure/core-auth'
import { createHttpHeaders, type HttpClient, type PipelineRequest } from '@azure/core-rest-pipeline'

export interface WireAnswer {
  readonly status: number
  readonly body?: unknown
  /** The body as it comes, where it is written in a way of its own. */
  readonly text?: string
  readonly headers?: Readonly<Record<string, string>>
}

/** The SDKs' own seam: everything but the network runs, and `answer` is what comes over the wire. */
export function wire(answer: (request: PipelineRequest) => WireAnswer | Promise<WireAnswer>): HttpClient {
  return {
    async sendRequest(request) {
      const { status, body, text, headers = {} } = await answer(request)
      return {
        request,
        status,
        headers: createHttpHeaders({ 'content-type': 'application/json', ...headers }),
        bodyAsText: text ?? (body === undefined ? null : JSON.stringify(body)),
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
