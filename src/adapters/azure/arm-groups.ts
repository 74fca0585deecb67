import {
  createDefaultHttpClient,
  createPipelineRequest,
  type HttpClient,
  type HttpMethods,
  type Pipeline,
} from '@azure/core-rest-pipeline'
import { z } from 'zod'

const API = '2021-04-01'
const ARM = 'https://management.azure.com'

const Group = z.object({
  name: z.string(),
  tags: z.record(z.string(), z.string()).nullish(),
  properties: z.object({ provisioningState: z.string() }),
})

/** A resource group as it is now. While it is deleted its `provisioningState` is `Deleting`, and then it is not there. */
export type Group = z.infer<typeof Group>

/** What the resource groups API answered, where that was neither a group nor that there is none. */
export class GroupRequestFailed extends Error {
  override readonly name = 'GroupRequestFailed'
  readonly statusCode: number

  constructor(words: string, statusCode: number) {
    super(words)
    this.statusCode = statusCode
  }
}

export interface ArmGroups {
  read(group: string): Promise<Group | undefined>
  /** Begins to delete a group with all that is in it; one that is not there is fine. */
  remove(group: string): Promise<void>
}

/** Resource groups over the pipeline of another ARM client, whose package has no calls for them: two requests need no SDK more. */
export function createArmGroups({
  pipeline,
  subscriptionId,
  httpClient = createDefaultHttpClient(),
}: {
  readonly pipeline: Pipeline
  readonly subscriptionId: string
  readonly httpClient?: HttpClient | undefined
}): ArmGroups {
  const send = async (method: HttpMethods, group: string) => {
    const url = `${ARM}/subscriptions/${subscriptionId}/resourcegroups/${encodeURIComponent(group)}?api-version=${API}`
    const { status, bodyAsText } = await pipeline.sendRequest(
      httpClient,
      createPipelineRequest({ url, method }),
    )
    if (status === 404) return undefined
    if (status >= 200 && status < 300) return bodyAsText ?? ''
    throw new GroupRequestFailed(
      `${method} of resource group ${group}: ${status} ${codeIn(bodyAsText)}`,
      status,
    )
  }
  return {
    async read(group) {
      const body = await send('GET', group)
      return body === undefined ? undefined : Group.parse(JSON.parse(body))
    },
    async remove(group) {
      await send('DELETE', group)
    },
  }
}

const Refusal = z.object({ error: z.object({ code: z.string(), message: z.string() }) })

function codeIn(body: string | null | undefined): string {
  try {
    const { code, message } = Refusal.parse(JSON.parse(body ?? '')).error
    return `${code}: ${message}`
  } catch {
    return 'without a reason'
  }
}
