import { type StatusName, statusNames } from './history.ts'
import {
  type HostRequest,
  type HostResponse,
  jsonResponse,
  queryValue,
  serverError,
} from './http-exchange.ts'
import type { InstanceRow } from './hub-store.ts'
import type { InstanceControl } from './instance-control.ts'
import { type StatusDocument, statusDocument } from './status-document.ts'

export interface InstanceFilter {
  readonly fromMs: number | undefined
  readonly matches: (row: InstanceRow) => boolean
}

const tokenHeader = 'x-ms-continuation-token'
const pageDefault = 100
const storageError = 'DurableTask.AzureStorage.Storage.DurableTaskStorageException'

/**
 * Reads createdTimeFrom, createdTimeTo, runtimeStatus and instanceIdPrefix; what does not parse is ignored.
 * Without a status that counts, any will do.
 */
export function instanceFilter(
  url: URL,
  counts: (status: StatusName) => boolean = () => true,
): InstanceFilter {
  const fromMs = timeQuery(url, 'createdTimeFrom')
  const toMs = timeQuery(url, 'createdTimeTo') ?? Number.POSITIVE_INFINITY
  const wanted = statusesOf(queryValue(url, 'runtimeStatus') ?? '').filter(
    (status) => status === undefined || counts(status),
  )
  const prefix = queryValue(url, 'instanceIdPrefix') ?? ''
  return {
    fromMs,
    matches: ({ id, status, createdMs }) =>
      id.startsWith(prefix) &&
      createdMs >= (fromMs ?? Number.NEGATIVE_INFINITY) &&
      createdMs <= toMs &&
      (wanted.length === 0 || wanted.includes(status)),
  }
}

/** Statuses by name or number; a number that none has is nothing. */
function statusesOf(list: string): (StatusName | undefined)[] {
  return list
    .split(',')
    .map((text) => text.trim())
    .filter((text) => /^[+-]?\d+$/.test(text) || statusNames.some((name) => name === text))
    .map((text) => statusNames.find((name, number) => name === text || number === Number(text)))
}

/** One page of instances in the order of their ids; the token names where the next page begins. */
export function listInstances(
  control: Pick<InstanceControl, 'list'>,
  { url, headers }: HostRequest,
): HostResponse {
  const filter = instanceFilter(url)
  if (/^\s*-\d*[1-9]/.test(queryValue(url, 'top') ?? '')) {
    return serverError('An error occurred while communicating with Azure Storage', storageError)
  }
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

/** Digits with something between them, and no words but those of dates: what JavaScript takes beyond that, .NET does not. */
const timeText = /^(?=.*\d\D+\d)(?:[\d\s:.,/+-]|[TZ]|GMT|UTC|[AP]M|[A-Z][a-z]{2,8})+$/

function timeQuery(url: URL, name: string): number | undefined {
  const text = queryValue(url, name)?.trim() ?? ''
  const ms = timeText.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(ms) ? undefined : ms
}

function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d+$/.test(text.trim()) ? Number(text) : undefined
}
