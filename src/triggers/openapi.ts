import { openApi } from '../messages/openapi.ts'
import { OPERATIONS } from '../messages/operations.ts'
import { type Door, registerRoute } from './api.ts'

/** What this API takes and answers, for whoever makes a client of it. */
export function registerOpenApiRoute(door: Door): void {
  let document: object | undefined
  registerRoute(door, OPERATIONS.readOpenApi, async () => {
    document ??= openApi()
    return { jsonBody: document }
  })
}
