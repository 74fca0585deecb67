import { gunzipSync } from 'node:zlib'
import { createHttpHeaders, type HttpClient } from '@azure/core-rest-pipeline'
import { z } from 'zod'

/** What Application Insights is sent, as it lies on the wire. */
const Envelope = z.object({
  name: z.string(),
  tags: z.record(z.string(), z.string()),
  data: z.object({
    baseType: z.string(),
    baseData: z.looseObject({
      name: z.string().optional(),
      id: z.string().optional(),
      message: z.string().optional(),
      severityLevel: z.string().optional(),
      properties: z.record(z.string(), z.string()).optional(),
      metrics: z.array(z.object({ name: z.string(), value: z.number() })).optional(),
    }),
  }),
})
export type Envelope = z.infer<typeof Envelope>

/** Takes in telemetry behind the SDK's HTTP seam and keeps it; `tokens` are those that it came under. */
export class AzureMonitorDouble implements HttpClient {
  readonly kept: Envelope[] = []
  readonly tokens = new Set<string | undefined>()

  readonly sendRequest: HttpClient['sendRequest'] = async (request) => {
    const { body } = request
    this.tokens.add(request.headers.get('authorization'))
    const text =
      typeof body === 'string' ? body : gunzipSync(Buffer.from(z.instanceof(Uint8Array).parse(body)))
    const items = z.array(Envelope).parse(JSON.parse(text.toString()))
    this.kept.push(...items)
    const bodyAsText = JSON.stringify({
      itemsReceived: items.length,
      itemsAccepted: items.length,
      errors: [],
    })
    const headers = createHttpHeaders({ 'content-type': 'application/json' })
    return { request, status: 200, headers, bodyAsText }
  }

  /** Envelopes of a kind, such as `RemoteDependencyData`. */
  of(baseType: string): Envelope[] {
    return this.kept.filter(({ data }) => data.baseType === baseType)
  }
}
