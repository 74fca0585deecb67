import {
  app,
  type HttpMethod,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions'
import * as df from 'durable-functions'
import { z } from 'zod'
import { type Action, type Principal, refusal } from '../domain/principal.ts'
import type { Identity } from '../ports/identity.ts'
import { problem } from './problems.ts'

const BODY_BYTES_MAX = 64 * 1024

/** A request after its door: who asks, and what is asked for. */
export interface Call<B> {
  readonly principal: Principal
  readonly body: B
  readonly query: URLSearchParams
  readonly param: (name: string) => string
  readonly client: df.DurableClient
  readonly log: InvocationContext
}

export interface Route<B> {
  readonly name: string
  readonly method: HttpMethod
  readonly path: string
  readonly action: Action
  readonly body: z.ZodType<B>
  /** Where a body may be larger than those of people. */
  readonly bodyBytesMax?: number
  /** Where whoever asks is known by a signature over the body. */
  readonly proof?: 'body'
  readonly handle: (call: Call<B>) => Promise<HttpResponseInit>
}

/** Registers one route behind the one door: who is it, may they, is the body valid; then what it does. */
export function registerRoute<B>(identity: Identity, route: Route<B>): void {
  const durableClient = df.input.durableClient()
  app.http(route.name, {
    methods: [route.method],
    route: `api/v1/${route.path}`,
    authLevel: 'anonymous',
    extraInputs: [durableClient],
    handler: async (request, context) => {
      try {
        return await enter(identity, route, request, context)
      } catch (error) {
        context.error('request failed', route.name, error)
        return problem(
          'dependency-failed',
          `${route.name} failed: ${words(error)}; try again, or look at the log`,
        )
      }
    },
  })
}

async function enter<B>(
  identity: Identity,
  route: Route<B>,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const signed = route.proof === 'body' ? { text: await textOf(request) } : {}
  const who = identity.identify({ header: (name) => request.headers.get(name), ...signed })
  if (who.kind === 'unknown') return problem('not-signed-in', who.detail)
  const why = refusal(who.principal, route.action)
  if (why) return problem('not-allowed', why)

  const text = signed.text ?? (await textOf(request))
  const bytesMax = route.bodyBytesMax ?? BODY_BYTES_MAX
  if (Buffer.byteLength(text) > bytesMax) {
    return problem(
      'too-large',
      `the body has ${Buffer.byteLength(text)} bytes; at most ${bytesMax} are taken`,
    )
  }
  const body = route.body.safeParse(text === '' ? {} : jsonOf(text))
  if (!body.success) return problem('invalid-request', fields(body.error))
  let made: df.DurableClient | undefined
  const answer = await route.handle({
    principal: who.principal,
    body: body.data,
    query: request.query,
    param: (name) => request.params[name] ?? '',
    // Most requests wake nobody, and a client is dear to make.
    get client() {
      made ??= df.getClient(context)
      return made
    },
    log: context,
  })
  return { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers } }
}

async function textOf(request: HttpRequest): Promise<string> {
  return request.method === 'GET' ? '' : request.text()
}

/** The value of a JSON text; undefined, which no schema takes, where it is none. */
function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Each invalid field with what was expected of it. */
function fields(error: z.ZodError): string {
  return error.issues
    .map((issue) => `${issue.path.length > 0 ? issue.path.join('.') : 'body'}: ${issue.message}`)
    .join('; ')
}

/** An error's first line: what a caller may see of a failure that isn't theirs. */
function words(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? 'no reason given'
}

/** The schema of a request without a body. */
export const NoBody = z.unknown()
