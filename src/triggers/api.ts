import { app, type HttpRequest, type HttpResponseInit, type InvocationContext } from '@azure/functions'
import * as df from 'durable-functions'
import type { z } from 'zod'
import { type Principal, refusal } from '../domain/principal.ts'
import type { Operation } from '../messages/operation.ts'
import type { Identity } from '../ports/identity.ts'
import { withVersion } from './etag.ts'
import type { KeptAnswers } from './kept-answers.ts'
import type { Pace } from './pace.ts'
import { problem } from './problems.ts'

const BODY_BYTES_MAX = 64 * 1024

/** What every request passes: who is it, do they ask too often, and was the very same asked before. */
export interface Door {
  readonly identity: Identity
  readonly pace: Pace
  readonly answers: KeptAnswers
}

/** A request after its door: who asks, and what is asked for. */
export interface Call<B> {
  readonly principal: Principal
  readonly body: B
  readonly query: URLSearchParams
  /** The version that it is only to be done on; null where that is all the same. */
  readonly ifMatch: string | null
  readonly param: (name: string) => string
  readonly client: df.DurableClient
  readonly log: InvocationContext
}

type Handle<Body> = (call: Call<Body>) => Promise<HttpResponseInit>

/** Registers one operation behind the one door: who is it, may they, is the body valid; then what it does. */
export function registerRoute<Body extends z.ZodType>(
  door: Door,
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
        return await enter({ door, operation, handle }, request, context)
      } catch (error) {
        context.error('request failed', name, error)
        return problem('dependency-failed', `${name} failed: ${words(error)}; try again, or look at the log`)
      }
    },
  })
}

interface Route<Body extends z.ZodType> {
  readonly door: Door
  readonly operation: Operation<Body>
  readonly handle: Handle<z.output<Body>>
}

async function enter<Body extends z.ZodType>(
  route: Route<Body>,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  const { door, operation } = route
  const signed = operation.proof === 'body' ? { text: await textOf(request) } : {}
  const who = door.identity.identify({ header: (name) => request.headers.get(name), ...signed })
  if (who.kind === 'unknown') return problem('not-signed-in', who.detail)
  const { principal } = who
  const why = refusal(principal, operation.action)
  if (why) return problem('not-allowed', why)
  const seconds = door.pace.take(principal.name, operation.weight ?? 1)
  if (seconds > 0) return tooOften(principal, seconds)
  const foreign = foreignPage(operation, request)
  if (foreign) return problem('not-json', foreign)

  const text = signed.text ?? (await textOf(request))
  const asked = { request, context, principal, text }
  const key = operation.method === 'POST' ? request.headers.get('idempotency-key') : null
  if (key === null) return handled(route, asked)
  const whole = [operation.name, JSON.stringify(request.params), text]
  return door.answers.once({ by: principal.name, key, request: whole }, () => handled(route, asked))
}

interface Asked {
  readonly request: HttpRequest
  readonly context: InvocationContext
  readonly principal: Principal
  readonly text: string
}

async function handled<Body extends z.ZodType>(
  { operation, handle }: Route<Body>,
  { request, context, principal, text }: Asked,
): Promise<HttpResponseInit> {
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
    principal,
    body: body.data,
    query: request.query,
    ifMatch: request.headers.get('if-match'),
    param: (name) => request.params[name] ?? '',
    // Most requests wake nobody, and a client is dear to make.
    get client() {
      made ??= df.getClient(context)
      return made
    },
    log: context,
  })
  const given = { ...answer, headers: { 'cache-control': 'no-store', ...answer.headers } }
  return operation.method === 'GET' ? withVersion(given, request) : given
}

function tooOften({ name }: Principal, seconds: number): HttpResponseInit {
  const refused = problem(
    'too-often',
    `${name} asks more often than this app answers one person; wait ${seconds} s`,
  )
  return { ...refused, headers: { ...refused.headers, 'retry-after': String(seconds) } }
}

/**
 * Why a request may be one that a page of somebody else makes in the name of whoever is signed in here. Such a page can send
 * no JSON without the browser asking first, and to that nobody answers yes.
 */
function foreignPage({ method, proof }: Pick<Operation, 'method' | 'proof'>, { headers }: HttpRequest) {
  if (method !== 'POST' || proof) return undefined
  const type = headers.get('content-type') ?? ''
  if (/^application\/(\S+\+)?json\b/i.test(type)) return undefined
  return `content-type: found "${type || 'none'}", expected application/json`
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
