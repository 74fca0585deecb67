import { isFinal } from './history.ts'
import { type HostRequest, type HostResponse, jsonResponse, queryValue } from './http-exchange.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceControl, SendOutcome } from './instance-control.ts'
import { type InstanceFilter, instanceFilter, listInstances } from './instance-list.ts'
import { instanceLinks, type LinkOrigin } from './management-links.ts'
import { historyEvents, shown, statusDocument } from './status-document.ts'
import { requestSpan } from './trace-context.ts'

export interface ManagementOptions {
  readonly control: InstanceControl
  readonly hubName: string
  readonly systemKey: string
}

interface Call {
  readonly request: HostRequest
  readonly links: LinkOrigin
}

const notFound: HostResponse = { status: 404 }

/** The Durable extension's HTTP API, below `/runtime/webhooks/durabletask` and below the RPC endpoint. */
export class ManagementApi {
  readonly #options: ManagementOptions
  readonly #control: InstanceControl

  constructor(options: ManagementOptions) {
    this.#options = options
    this.#control = options.control
  }

  /** `path` is what follows the API's base, without the slash at its front. */
  async answer(request: HostRequest, path: string): Promise<HostResponse> {
    const { hubName, systemKey } = this.#options
    const segments = decoded(path.replace(/\/$/, ''))
    if (!segments) return notFound
    const hub = queryValue(request.url, 'taskHub')
    if (hub !== undefined && hub.toLowerCase() !== hubName.toLowerCase()) return notFound
    const call = { request, links: { origin: request.url.origin, hubName, systemKey } }
    const [area = '', ...rest] = segments
    if (area.toLowerCase() === 'orchestrators') return this.#orchestrators(call, rest)
    if (area.toLowerCase() === 'instances') return this.#instances(call, rest)
    return notFound
  }

  async #orchestrators(
    { request, links }: Call,
    [name, id, ...more]: readonly string[],
  ): Promise<HostResponse> {
    if (request.method !== 'POST' || !name || more.length) return notFound
    const text = bodyText(request)
    if (text !== '' && parsedJson(text) === undefined)
      return jsonResponse(400, { Message: 'Invalid JSON content' })
    const version = queryValue(request.url, 'version')
    const outcome = await this.#control.start({
      name,
      id: id || undefined,
      version,
      input: text === '' ? null : text,
      trace: requestSpan(request.headers),
    })
    if (outcome.kind === 'exists') {
      return jsonResponse(409, {
        Message: `An Orchestration instance with the status ${outcome.status} already exists.`,
      })
    }
    const waitMs = Number(queryValue(request.url, 'timeout') ?? 0) * 1000
    const everyMs = Number(queryValue(request.url, 'pollingInterval') ?? 1) * 1000
    const finished = waitMs > 0 ? await this.#awaitEnd(outcome.id, { waitMs, everyMs }) : undefined
    return finished ?? accepted(links, outcome.id)
  }

  async #awaitEnd(
    id: string,
    { waitMs, everyMs }: { waitMs: number; everyMs: number },
  ): Promise<HostResponse | undefined> {
    for (const endMs = Date.now() + waitMs; Date.now() < endMs; ) {
      const row = this.#control.row(id)
      if (row?.status === 'Completed') return jsonResponse(200, shown(row.output))
      if (row && isFinal(row.status)) return jsonResponse(200, statusDocument(row, { showInput: true }))
      await new Promise((resolve) => setTimeout(resolve, Math.min(everyMs, Math.max(1, endMs - Date.now()))))
    }
    return undefined
  }

  async #instances(call: Call, [id, verb, name, ...more]: readonly string[]): Promise<HostResponse> {
    const { method } = call.request
    if (more.length) return notFound
    if (!id) return this.#many(call)
    if (verb === undefined) {
      if (method === 'GET') return this.#status(call, id)
      return method === 'DELETE' ? this.#purge(id) : notFound
    }
    if (method !== 'POST') return notFound
    if (verb.toLowerCase() === 'raiseevent') return name ? this.#raise(call, id, name) : notFound
    return name === undefined ? this.#steer(call, id, verb.toLowerCase()) : notFound
  }

  #many(call: Call): HostResponse | Promise<HostResponse> {
    const { request } = call
    if (request.method === 'GET') return listInstances(this.#control, request)
    if (request.method === 'DELETE') return this.#purgeMany(instanceFilter(request.url))
    return notFound
  }

  #status({ request, links }: Call, id: string): HostResponse {
    const state = this.#control.look(id)
    if (!state) return notFound
    const flag = (name: string, otherwise: boolean) => booleanQuery(request.url, name) ?? otherwise
    const showInput = flag('showInput', true)
    const document = statusDocument(state.row, { showInput })
    const { status } = state.row
    if (flag('showHistory', false) && status !== 'Pending') {
      const events = historyEvents(state.events, { showInput, showOutput: flag('showHistoryOutput', false) })
      Object.assign(document, { historyEvents: events })
    }
    if (isFinal(status)) {
      const broken = status === 'Failed' && flag('returnInternalServerErrorOnFailure', false)
      return jsonResponse(broken ? 500 : 200, document)
    }
    const location = `${links.origin}${request.url.pathname}?code=${links.systemKey}`
    return jsonResponse(202, document, { location, 'retry-after': '5' })
  }

  async #purge(id: string): Promise<HostResponse> {
    const outcome = await this.#control.purge(id)
    if (outcome.kind === 'unknown') return notFound
    if (outcome.kind === 'purged') return jsonResponse(200, { instancesDeleted: 1 })
    const text = `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${outcome.status}`
    return jsonResponse(412, text)
  }

  /** Trap, copied: without a status the real host purges running instances, too. */
  async #purgeMany(filter: InstanceFilter): Promise<HostResponse> {
    if (filter.fromMs === undefined) {
      return jsonResponse(400, { Message: "Please provide value for 'createdTimeFrom' parameter." })
    }
    const wanted = (row: InstanceRow) => filter.matches(row) && (isFinal(row.status) || !filter.byStatus)
    const deleted = await this.#control.purgeAll(wanted)
    return deleted > 0 ? jsonResponse(200, { instancesDeleted: deleted }) : notFound
  }

  async #raise({ request }: Call, id: string, name: string): Promise<HostResponse> {
    const type = (request.headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase()
    if (type !== 'application/json') {
      return jsonResponse(400, { Message: 'Only application/json request content is supported' })
    }
    const text = bodyText(request)
    if (parsedJson(text) === undefined) return jsonResponse(400, { Message: 'Invalid JSON content' })
    return sent(await this.#control.raiseEvent(id, name, text))
  }

  async #steer(call: Call, id: string, verb: string): Promise<HostResponse> {
    const reason = queryValue(call.request.url, 'reason') ?? null
    switch (verb) {
      case 'terminate':
        return sent(await this.#control.terminate(id, reason))
      case 'suspend':
        return sent(await this.#control.suspend(id, reason))
      case 'resume':
        return sent(await this.#control.resume(id, reason))
      case 'restart':
        return this.#restart(call, id)
      case 'rewind':
        return this.#rewind(id)
      default:
        return notFound
    }
  }

  async #restart({ request, links }: Call, id: string): Promise<HostResponse> {
    const row = this.#control.row(id)
    if (!row) {
      return jsonResponse(400, {
        Message: 'InstanceId does not match a valid orchestration instance.',
        ExceptionMessage: `No instance with ID '${id}' was found. (Parameter 'instanceId')`,
        ExceptionType: 'System.ArgumentException',
        StackTrace: '',
      })
    }
    const newId = booleanQuery(request.url, 'restartWithNewInstanceId') ?? true
    const { name, input } = row
    const outcome = await this.#control.start({
      name,
      input,
      trace: requestSpan(request.headers),
      ...(newId ? {} : { id }),
    })
    if (outcome.kind === 'started') return accepted(links, outcome.id)
    return jsonResponse(409, { Message: 'A non-terminal instance with this instance ID already exists.' })
  }

  #rewind(id: string): HostResponse {
    const row = this.#control.row(id)
    if (!row) return jsonResponse(404, `No orchestration with instance ID "$${id}" found.`)
    if (row.status !== 'Failed') {
      const text = `This orchestration has status ${row.status}, but only orchestrations in the "Failed" state can be rewound.`
      return jsonResponse(412, text)
    }
    return jsonResponse(501, 'The embedded host cannot rewind. Restart the instance instead.')
  }
}

function accepted(links: LinkOrigin, id: string): HostResponse {
  const body = instanceLinks(links, id)
  return jsonResponse(202, body, { location: body.statusQueryGetUri ?? '', 'retry-after': '10' })
}

function sent(outcome: SendOutcome): HostResponse {
  if (outcome.kind === 'sent') return { status: 202 }
  if (outcome.kind === 'finished') return { status: 410 }
  if (outcome.kind === 'unknown') return notFound
  return jsonResponse(500, {
    Message: 'Something went wrong while processing your request',
    ExceptionMessage: outcome.message,
    ExceptionType: 'System.InvalidOperationException',
    StackTrace: '',
  })
}

/** An encoded slash inside a segment matches no route. */
function decoded(path: string): string[] | undefined {
  if (/%2f/i.test(path)) return undefined
  try {
    return path.split('/').map(decodeURIComponent)
  } catch {
    return undefined
  }
}

function bodyText({ body }: HostRequest): string {
  return new TextDecoder().decode(body).trim()
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) }
  } catch {
    return undefined
  }
}

/** What does not parse as a boolean is ignored. */
export function booleanQuery(url: URL, name: string): boolean | undefined {
  const text = queryValue(url, name)?.trim().toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}
