import type { HTTPMethod } from 'find-my-way'
import type { FunctionApp, RegisteredFunction } from './function-app.ts'
import type { HttpConfig } from './host-config.ts'
import { type AuthLevel, type HostKeys, isAllowed } from './host-keys.ts'
import type { HostRequest, HostResponse } from './http-exchange.ts'
import type { InFlight } from './in-flight.ts'
import type { Invoker, Log } from './invocation.ts'
import { type RouteTemplate, routeTemplate } from './route-template.ts'
import { type Router, routerOf } from './routes.ts'
import { Slots } from './slots.ts'
import { requestSpan } from './trace-context.ts'
import { type HttpCookie, isRecord } from './typed-data.ts'
import { queryPairs, readPath, writtenPath } from './url-text.ts'

export interface HttpFunctionsOptions {
  readonly app: FunctionApp
  readonly invoker: Invoker
  readonly inFlight: InFlight
  readonly keys: HostKeys
  readonly config: HttpConfig
  readonly log: Log
}

interface Target {
  readonly handler: RegisteredFunction
  readonly template: RouteTemplate
}

/** First segments that belong to the host itself. */
const reserved = /^\/(admin|runtime)/i

/** Routes requests to HTTP functions. An unknown route, an unmatched method included, is nothing: the host says 404. */
export class HttpFunctions {
  readonly #options: HttpFunctionsOptions
  readonly #router: Router
  readonly #targets: readonly Target[]
  readonly #slots: Slots
  #outstanding = 0

  constructor(options: HttpFunctionsOptions) {
    this.#options = options
    this.#slots = new Slots(options.config.concurrentMax)
    this.#targets = options.app.ofKind('http').flatMap((handler) => {
      try {
        return [{ handler, template: this.#template(handler) }]
      } catch (error) {
        this.#refuse(handler, error)
        return []
      }
    })
    this.#router = routerOf(
      this.#targets.map(({ handler, template }) => ({
        methods: (handler.trigger.methods ?? ['GET', 'POST']).flatMap((name) => httpMethod(name) ?? []),
        paths: template.paths,
      })),
    )
    for (const [at, error] of this.#router.refused) {
      const refused = this.#targets[at]
      if (refused) this.#refuse(refused.handler, error)
    }
  }

  #template({ name, trigger: { route = name } }: RegisteredFunction): RouteTemplate {
    const prefix = this.#options.config.routePrefix
    const template = routeTemplate([prefix, route.replace(/^\/+/, '')].filter(Boolean).join('/'))
    if (!reserved.test(`/${route.replace(/^\/+/, '')}`)) return template
    throw new Error(
      `its route "${route}" conflicts with the built-in routes below /admin and /runtime. Choose another.`,
    )
  }

  #refuse({ name }: RegisteredFunction, error: unknown): void {
    const text = error instanceof Error ? error.message : String(error)
    const message = `The '${name}' function is in error: ${text}`
    this.#options.log({ level: 'error', category: 'Host.Startup', message })
  }

  async answer(request: HostRequest): Promise<HostResponse | undefined> {
    const method = httpMethod(request.method)
    // An escaped slash stays escaped, in the parameter as well.
    const path = readPath(request.url.pathname).split('/').map(encodeURIComponent).join('/')
    const found = method && this.#router.find(method, path)
    const target = found && this.#targets[found.route]
    if (!found || !target) return undefined
    const { handler, template } = target
    const params = routeParams(found.params, template)
    if (!template.accepts(params)) return undefined
    return this.#throttled(async () => {
      const level = authLevel(handler.trigger.authLevel)
      if (!isAllowed(request, level, this.#options.keys)) return { status: 401 }
      const answer = await this.#invoke(request, handler, params)
      return { ...answer, headers: { ...this.#options.config.customHeaders, ...answer.headers } }
    })
  }

  /** A request that waits for its turn counts as in flight. */
  async #throttled(answer: () => Promise<HostResponse>): Promise<HostResponse> {
    if (this.#outstanding >= this.#options.config.outstandingMax) return { status: 429 }
    this.#outstanding += 1
    try {
      return await this.#options.inFlight.during(() => this.#slots.run(answer))
    } finally {
      this.#outstanding -= 1
    }
  }

  async #invoke(
    request: HostRequest,
    handler: RegisteredFunction,
    params: Record<string, string>,
  ): Promise<HostResponse> {
    const { method, url, headers, body } = request
    const href = `${url.origin}${writtenPath(readPath(url.pathname))}${url.search}`
    const http = { method, url: href, headers, query: mergedQuery(url), params, body: { bytes: body } }
    const outcome = await this.#options.invoker.invoke(handler, {
      input: { http },
      origin: url.origin,
      trace: requestSpan(headers),
    })
    if (outcome.kind === 'ok') return response(outcome.returnValue)
    const message = `Executed 'Functions.${handler.name}' (Failed): ${outcome.message}\n${outcome.stack}`
    this.#options.log({ level: 'error', category: `Function.${handler.name}`, message })
    return { status: 500 }
  }
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'CONNECT'] as const

function httpMethod(name: string): HTTPMethod | undefined {
  return methods.find((method) => method === name.toUpperCase())
}

function authLevel(level: string | undefined): AuthLevel {
  return level === 'admin' || level === 'function' ? level : 'anonymous'
}

function routeParams(
  found: Readonly<Record<string, string | undefined>>,
  { catchAll }: RouteTemplate,
): Record<string, string> {
  const params: Record<string, string> = {}
  for (const [name, value] of Object.entries(found)) {
    const own = name === '*' ? catchAll : name
    if (own !== undefined && value !== undefined && value !== '') params[own] = value
  }
  return params
}

/** Repeated names are merged without regard to case, spelled as the second; of their values those that are not empty are joined. */
function mergedQuery(url: URL): Record<string, string> {
  const merged = new Map<string, { readonly name: string; readonly values: readonly string[] }>()
  for (const [given, value] of queryPairs(url.search)) {
    const key = given.toLowerCase()
    const { name = given, values = [] } = merged.get(key) ?? {}
    merged.set(key, { name: values.length === 1 ? given : name, values: [...values, value] })
  }
  const joined = [...merged.values()].map(({ name, values }) => [name, values.filter(Boolean).join(',')])
  return Object.fromEntries(joined.filter(([name]) => name !== '__proto__'))
}

function response(returned: unknown): HostResponse {
  if (returned === undefined || returned === null) return { status: 204 }
  const http = isRecord(returned) && isRecord(returned.http) ? returned.http : {}
  const headers: Record<string, string | string[]> = {}
  if (isRecord(http.headers))
    for (const [name, value] of Object.entries(http.headers)) headers[name] = String(value)
  const cookies = Array.isArray(http.cookies) ? http.cookies.map(setCookie) : []
  if (cookies.length) headers['set-cookie'] = cookies
  const body =
    isRecord(http.body) && http.body.bytes instanceof Uint8Array ? http.body.bytes : new Uint8Array()
  const status = Number(http.statusCode ?? 200)
  return { status: status >= 200 && status <= 999 ? status : 500, headers, body }
}

const sameSiteNames: ReadonlyMap<unknown, string> = new Map([
  ['lax', 'lax'],
  ['strict', 'strict'],
  ['explicitNone', 'none'],
])

function setCookie(cookie: HttpCookie): string {
  const parts = [`${cookie.name}=${encodeURIComponent(cookie.value ?? '')}`]
  const expires = cookieDate(cookie.expires?.value)
  if (expires) parts.push(`expires=${expires}`)
  if (cookie.maxAge?.value !== undefined) parts.push(`max-age=${cookie.maxAge.value}`)
  if (cookie.domain?.value) parts.push(`domain=${cookie.domain.value}`)
  if (cookie.path?.value) parts.push(`path=${cookie.path.value}`)
  if (cookie.secure?.value) parts.push('secure')
  const sameSite = sameSiteNames.get(cookie.sameSite)
  if (sameSite) parts.push(`samesite=${sameSite}`)
  if (cookie.httpOnly?.value) parts.push('httponly')
  return parts.join('; ')
}

/** The SDK sends a date as protobuf timestamp or as a date or text, by version. */
function cookieDate(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  const ms =
    isRecord(value) && typeof value.seconds === 'number'
      ? value.seconds * 1000
      : new Date(String(value)).getTime()
  return Number.isNaN(ms) ? undefined : new Date(ms).toUTCString()
}
