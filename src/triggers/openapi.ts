import { openApi } from '../messages/openapi.ts'
import { OPERATIONS } from '../messages/operations.ts'
import type { Identity } from '../ports/identity.ts'
import { registerRoute } from './api.ts'

/** What this API takes and answers, for whoever makes a client of it. */
export function registerOpenApiRoute(identity: Identity): void {
  let document: object | undefined
  registerRoute(identity, OPERATIONS.readOpenApi, async () => {
    document ??= openApi()
    return { jsonBody: document }
  })
}
