import { type PipelineRequest, RestError } from '@azure/core-rest-pipeline'
import { type Plugin, PluginOn, type RequestContext } from '@azure/cosmos'
import { numberOf, unitAt } from '../../../src/twin/seeded.ts'
import type { WireAnswer } from './azure-client.ts'
import type { Between } from './azure-world.ts'

/** What befalls a request to ARM, Monitor, Log Analytics or Blob Storage; `lost` and `cutOff` after it was done. */
const REST_FAULTS = ['throttled', 'unavailable', 'failed', 'expired', 'reset', 'lost', 'cutOff'] as const
/** What befalls one to Cosmos DB: 449 is a partition busy with another write. */
const COSMOS_FAULTS = ['429', '449', '503', '408', 'reset', 'lost'] as const
const COSMOS_READ_FAULTS = COSMOS_FAULTS.filter((kind) => kind !== '449')
type FaultKind = (typeof REST_FAULTS)[number] | (typeof COSMOS_FAULTS)[number]

const ANSWERS: Partial<Record<FaultKind, WireAnswer>> = {
  throttled: refusal(429, 'TooManyRequests', { 'retry-after': '1', 'x-ms-retry-after-ms': '5' }),
  unavailable: refusal(503, 'ServiceUnavailable'),
  failed: refusal(500, 'InternalServerError'),
  // The service says which claims a new token has to have; the client asks for one, and then again.
  expired: refusal(401, 'ExpiredAuthenticationToken', {
    'www-authenticate': 'Bearer realm="", error="insufficient_claims", claims="e30="',
  }),
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): WireAnswer {
  return { status, body: { error: { code, message: `${code}, as a test has it` } }, headers }
}

/** Lets a share of all calls fail, of each kind; which, follows from the seed, the request and how often it came before. */
export function azureFaults({ seed, share }: { readonly seed: number; readonly share: number }) {
  const met = new Map<string, number>()
  const times = new Map<string, number>()
  let calls = 0
  function draw<Kind extends FaultKind>(request: string, kinds: readonly Kind[]): Kind | undefined {
    calls += 1
    const before = times.get(request) ?? 0
    times.set(request, before + 1)
    if (unitAt(seed, numberOf(request), before, 1) >= share) return undefined
    const kind = kinds[Math.floor(unitAt(seed, numberOf(request), before, 2) * kinds.length)]
    if (kind) met.set(kind, (met.get(kind) ?? 0) + 1)
    return kind
  }

  const between: Between = async (request, next) => {
    const kind = draw(`${request.method} ${new URL(request.url).pathname}`, REST_FAULTS)
    if (kind === 'reset') throw reset(request)
    const answer = kind && ANSWERS[kind]
    if (answer) return answer
    const done = await next()
    if (kind === 'lost') throw reset(request)
    return kind === 'cutOff' ? cutOff(done) : done
  }

  const plugin: Plugin<unknown> = async (context, _node, next) => {
    if (context.resourceType !== 'docs') return next(context)
    const isWrite = ['PUT', 'PATCH'].includes(String(context.method)) || isCreate(context)
    const kind = draw(`${context.method} ${context.path}`, isWrite ? COSMOS_FAULTS : COSMOS_READ_FAULTS)
    if (kind === 'lost') await next(context)
    if (kind === 'lost' || kind === 'reset')
      throw Object.assign(new Error('socket hang up'), { code: 'ECONNRESET' })
    if (kind === undefined) return next(context)
    const headers = { 'x-ms-retry-after-ms': '1' }
    throw Object.assign(new Error(`answered ${kind}`), { code: Number(kind), retryAfterInMs: 1, headers })
  }
  return { between, plugins: [{ on: PluginOn.request, plugin }], met, calls: () => calls }
}

function isCreate({ method, headers = {} }: RequestContext): boolean {
  const isQuery = Object.keys(headers).some((name) => name.toLowerCase() === 'x-ms-documentdb-isquery')
  return method === 'POST' && !isQuery
}

function reset(request: PipelineRequest): RestError {
  return new RestError('socket hang up', { code: 'ECONNRESET', request })
}

/** The connection broke amid the body. */
function cutOff({ body, text = JSON.stringify(body ?? {}), ...answer }: WireAnswer): WireAnswer {
  return { ...answer, text: text.slice(0, Math.floor(text.length / 2)) }
}
