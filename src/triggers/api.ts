import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions'
import * as df from 'durable-functions'
import type { z } from 'zod'
import { type Principal, refusal } from '../domain/principal.ts'
import type { Operation } from '../messages/operation.ts'
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

type Handle<Body> = (call: Call<Body>) => Promise<HttpResponseInit>

/** Registers one operation behind the one door: who is it, may they, is the body valid; then what it does. */
export function registerRoute<Body extends z.ZodType>(
  identity: Identity,
  operation: Operation<Body>,
  handle: Handle<z.output<Body>>,
): void {
  const { name, method, path } = operation
  app.http(name, {
    methods: [method],
    route: `api/v1/${path}`,
    authLevel: 'anonymous',
    extraInputs: [df.input.durableClient()],
    handler: async (request, context) => {
      try {
        return await enter({ identity, operation, handle }, request, context)
      } catch (error) {
        context.error('request failed', name, error)
        return problem('dependency-failed', `${name} failed: ${words(error)}; try again, or look at the log`)
      }
    },
  })
}

interface Door<Body extends z.ZodType> {
  readonly identity: Identity
  readonly operation: Operation<Body>
  readonly handle: Handle<z.output<Body>>
}

async function enter<Body extends z.ZodType>(
  { identity, operation, handle }: Door<Body>,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const signed = operation.proof === 'body' ? { text: await textOf(request) } : {}
  const who = identity.identify({ header: (name) => request.headers.get(name), ...signed })
  if (who.kind === 'unknown') return problem('not-signed-in', who.detail)
  const why = refusal(who.principal, operation.action)
  if (why) return problem('not-allowed', why)

  const text = signed.text ?? (await textOf(request))
  const bytesMax = operation.bodyBytesMax ?? BODY_BYTES_MAX
  if (Buffer.byteLength(text) > bytesMax) {
    return problem(
      'too-large',
      `the body has ${Buffer.byteLength(text)} bytes; at most ${bytesMax} are taken`,
    )
  }
  const body = operation.body.safeParse(text === '' ? {} : jsonOf(text))
  if (!body.success) return problem('invalid-request', fields(body.error))
  let made: df.DurableClient | undefined
  const answer = await handle({
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
