import { type StatusName, statusNames } from './history.ts'
import { type HostRequest, type HostResponse, jsonResponse, queryValue } from './http-exchange.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceControl } from './instance-control.ts'
import { type StatusDocument, statusDocument } from './status-document.ts'

export interface InstanceFilter {
  readonly fromMs: number | undefined
  /** Whether any status was named. */
  readonly byStatus: boolean
  readonly matches: (row: InstanceRow) => boolean
}

const tokenHeader = 'x-ms-continuation-token'
const pageDefault = 100

/** Reads createdTimeFrom, createdTimeTo, runtimeStatus and instanceIdPrefix; what does not parse is ignored. */
export function instanceFilter(url: URL): InstanceFilter {
  const fromMs = timeQuery(url, 'createdTimeFrom')
  const toMs = timeQuery(url, 'createdTimeTo') ?? Number.POSITIVE_INFINITY
  const wanted = (queryValue(url, 'runtimeStatus') ?? '').split(',').map((text) => text.trim())
  const statuses = new Set<StatusName>(
    statusNames.filter((name, number) => wanted.includes(name) || wanted.includes(String(number))),
  )
  const prefix = queryValue(url, 'instanceIdPrefix') ?? ''
  return {
    fromMs,
    byStatus: statuses.size > 0,
    matches: ({ id, status, createdMs }) =>
      id.startsWith(prefix) &&
      createdMs >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
      createdMs <= toMs &&
      (statuses.size === 0 || statuses.has(status)),
  }
}

/** One page of instances in the order of their ids; the token names where the next page begins. */
export function listInstances(
  control: Pick<InstanceControl, 'list'>,
  { url, headers }: HostRequest,
): HostResponse {
  const filter = instanceFilter(url)
  const top = wholeNumber(queryValue(url, 'top')) ?? pageDefault
  const showInput = queryValue(url, 'showInput')?.toLowerCase() !== 'false'
  const prefix = queryValue(url, 'instanceIdPrefix') ?? ''
  const startId = startOf(headers[tokenHeader])
  if (startId === undefined) return jsonResponse(200, [])
  const page: StatusDocument[] = []
  for (const row of control.list([prefix, startId].toSorted().at(-1) ?? '')) {
    if (prefix && !row.id.startsWith(prefix)) break
    if (!filter.matches(row)) continue
    if (page.length >= top) {
      return jsonResponse(200, page, { [tokenHeader]: Buffer.from(row.id).toString('base64') })
    }
    page.push(statusDocument(row, { showInput }))
  }
  return jsonResponse(200, page)
}

/** The id that a token names, or nothing where it is no token. */
function startOf(token: string | undefined): string | undefined {
  if (!token) return ''
  try {
    const bytes = Buffer.from(token, 'base64')
    return bytes.length > 0 ? new TextDecoder('utf8', { fatal: true }).decode(bytes) : undefined
  } catch {
    return undefined
  }
}

function timeQuery(url: URL, name: string): number | undefined {
  const ms = Date.parse(queryValue(url, name) ?? '')
  return Number.isNaN(ms) ? undefined : ms
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
}
