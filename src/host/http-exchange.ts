/** A request as the host's own routes see it; the body is in memory and bounded. */
export interface HostRequest {
  readonly method: string
  readonly url: URL
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface HostResponse {
  readonly status: number
  /** Several values of one name stand in an array. */
  readonly headers?: Readonly<Record<string, string | readonly string[]>>
  readonly body?: Uint8Array | string
}

export const jsonType = 'application/json; charset=utf-8'

export function jsonResponse(
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): HostResponse {
  const body = wellFormed(JSON.stringify(value))
  return { status, headers: { ...headers, 'content-type': jsonType }, body }
}

export function serverError(text: string, type = 'System.InvalidOperationException'): HostResponse {
  return jsonResponse(500, {
    Message: 'Something went wrong while processing your request',
    ExceptionMessage: text,
    ExceptionType: type,
    StackTrace: '',
  })
}

/** Half a surrogate pair is no character in UTF-8; JSON could escape it, .NET replaces it. */
function wellFormed(json: string): string {
  if (!json.includes('\\ud')) return json
  return json.replace(/\\(?:u[0-9a-f]{4}|.)/g, (mark) => (/^\\ud[89a-f]/.test(mark) ? '\ufffd' : mark))
}

/** The value of a query parameter whose name ignores case; of repeated ones all, joined by commas. */
export function queryValue(url: URL, name: string): string | undefined {
  const values = [...url.searchParams]
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value)
  return values.length ? values.join(',') : undefined
}
