import { isFinal } from './history.ts'
import {
  type HostRequest,
  type HostResponse,
  jsonResponse,
  queryValue,
  serverError,
} from './http-exchange.ts'
import type { InstanceControl, SendOutcome } from './instance-control.ts'
import { type InstanceFilter, instanceFilter, listInstances } from './instance-list.ts'
import { isTooDeep } from './json-depth.ts'
import { instanceLinks, type LinkOrigin } from './management-links.ts'
import { historyEvents, type StatusDocument, shown, statusDocument } from './status-document.ts'
import { requestSpan } from './trace-context.ts'
import { formDecoded, readPath, writtenPath } from './url-text.ts'

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

  /** `path` is what follows the API's base. */
  async answer(request: HostRequest, path: string): Promise<HostResponse> {
    const { hubName, systemKey } = this.#options
    const segments = formDecoded(readPath(path))
      .replace(/^\/+|\/+$/g, '')
      .split('/')
    if (segments.includes('')) return notFound
    const connection = queryValue(request.url, 'connection')?.trim()
    if (connection && !/^(AzureWebJobs)?Storage$/i.test(connection)) {
      return serverError(`Unable to resolve the Azure Storage connection named '${connection}'.`)
    }
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
    if (text.trim() !== '' && parsedJson(text) === undefined)
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
      return jsonResponse(409, { Message: alreadyExists(outcome.status) })
    }
    return this.#waited({ request, links }, outcome.id)
  }

  /** With both times given, the answer to a start waits for the instance's end, and looks for it once more at last. */
  async #waited(call: Call, id: string): Promise<HostResponse> {
    const waitMs = secondsQuery(call.request.url, 'timeout')
    const everyMs = secondsQuery(call.request.url, 'pollingInterval')
    if (waitMs === undefined || everyMs === undefined) return accepted(call.links, id)
    if (everyMs > waitMs) {
      const text = `Total timeout ${waitMs / 1000} should be bigger than retry timeout ${everyMs / 1000}`
      return jsonResponse(400, { Message: text })
    }
    for (const endMs = Date.now() + waitMs; ; ) {
      const row = this.#control.row(id)
      if (row?.status === 'Completed') return jsonResponse(200, shown(row.output))
      if (row && isFinal(row.status)) return jsonResponse(200, this.#document(call, id))
      const leftMs = endMs - Date.now()
      if (leftMs <= 0) return accepted(call.links, id)
      await new Promise((resolve) => setTimeout(resolve, Math.max(1, Math.min(everyMs, leftMs))))
    }
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
    if (request.method === 'DELETE') return this.#purgeMany(instanceFilter(request.url, isFinal))
    return notFound
  }

  #status(call: Call, id: string): HostResponse {
    const { url } = call.request
    const document = this.#document(call, id)
    if (!document) return notFound
    const { runtimeStatus } = document
    if (runtimeStatus === 'Failed' && booleanQuery(url, 'returnInternalServerErrorOnFailure')) {
      return jsonResponse(500, document)
    }
    if (isFinal(runtimeStatus)) return jsonResponse(200, document)
    const location = `${url.origin}${writtenPath(readPath(url.pathname))}${url.search}`
    return jsonResponse(202, document, { location, 'retry-after': '5' })
  }

  #document({ request: { url } }: Call, id: string): StatusDocument | undefined {
    const state = this.#control.look(id)
    if (!state) return undefined
    const showInput = booleanQuery(url, 'showInput') ?? true
    const document = statusDocument(state.row, { showInput })
    if (!booleanQuery(url, 'showHistory') || document.runtimeStatus === 'Pending') return document
    const showOutput = booleanQuery(url, 'showHistoryOutput') ?? false
    return { ...document, historyEvents: historyEvents(state.events, { showInput, showOutput }) }
  }

  async #purge(id: string): Promise<HostResponse> {
    const outcome = await this.#control.purge(id)
    if (outcome.kind === 'unknown') return notFound
    if (outcome.kind === 'purged') return jsonResponse(200, { instancesDeleted: 1 })
    const text = `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${id} has status ${outcome.status}`
    return jsonResponse(412, text)
  }

  /** Trap, copied: without a final status in the filter the real host purges running instances, too. */
  async #purgeMany({ fromMs, matches }: InstanceFilter): Promise<HostResponse> {
    if (fromMs === undefined) {
      return jsonResponse(400, { Message: "Please provide value for 'createdTimeFrom' parameter." })
    }
    const deleted = await this.#control.purgeAll(matches)
    return deleted > 0 ? jsonResponse(200, { instancesDeleted: deleted }) : notFound
  }

  async #raise({ request }: Call, id: string, name: string): Promise<HostResponse> {
    const status = this.#control.row(id)?.status
    if (!status) return notFound
    if (isFinal(status)) return { status: 410 }
    const type = mediaType(request)
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

  async #restart(call: Call, id: string): Promise<HostResponse> {
    const { request } = call
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
    const outcome = await this.#control.start({
      name: row.name,
      input: row.input ?? 'null',
      trace: requestSpan(request.headers),
      ...(newId ? {} : { id }),
    })
    if (outcome.kind === 'started') return this.#waited(call, outcome.id)
    return jsonResponse(409, {
      Message: 'A non-terminal instance with this instance ID already exists.',
      ExceptionMessage: alreadyExists(outcome.status),
      ExceptionType: 'DurableTask.Core.Exceptions.OrchestrationAlreadyExistsException',
      StackTrace: '',
    })
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
  // .NET's Uri takes a needless escape away, so this link and the header differ.
  const location = body.statusQueryGetUri?.replaceAll('%7E', '~') ?? ''
  return jsonResponse(202, body, { location, 'retry-after': '10' })
}

function sent(outcome: SendOutcome): HostResponse {
  if (outcome.kind === 'sent') return { status: 202 }
  if (outcome.kind === 'finished') return { status: 410 }
  if (outcome.kind === 'unknown') return notFound
  return serverError(outcome.message)
}

function alreadyExists(status: string): string {
  return `An Orchestration instance with the status ${status} already exists.`
}

function mediaType({ headers }: HostRequest): string | undefined {
  return headers['content-type']?.split(';')[0]?.trim().toLowerCase()
}

/** Trap, copied: the real host has read a form before it gets here, and finds it blank. */
function bodyText(request: HostRequest): string {
  if (mediaType(request) === 'application/x-www-form-urlencoded') return ' '
  return new TextDecoder().decode(request.body)
}

function parsedJson(text: string): { readonly value: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(text)
    return isTooDeep(value) ? undefined : { value }
  } catch {
    return undefined
  }
}

/** What does not parse as a boolean is ignored. */
export function booleanQuery(url: URL, name: string): boolean | undefined {
  const text = queryValue(url, name)?.trim().toLowerCase()
  return text === 'true' ? true : text === 'false' ? false : undefined
}

/** Seconds as .NET reads a double, in milliseconds. */
function secondsQuery(url: URL, name: string): number | undefined {
  const text = queryValue(url, name)?.trim().replaceAll(',', '')
  return text && /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text) ? Number(text) * 1000 : undefined
}
