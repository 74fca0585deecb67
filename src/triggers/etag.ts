import type { HttpRequest, HttpResponseInit } from '@azure/functions'
import { canonicalJson, sha256Hex } from '../domain/canonical.ts'

/** The version of what an answer tells: the time of the answer itself is no part of it. */
export function etagOf(body: object): string {
  const told = Object.fromEntries(Object.entries(body).filter(([key]) => key !== 'nowMs'))
  return `"${sha256Hex(canonicalJson(told)).slice(0, 32)}"`
}

/** An answer with its version, and nothing else where that is what the asker has already. */
export function withVersion(answer: HttpResponseInit, { headers }: HttpRequest): HttpResponseInit {
  const { status = 200, jsonBody } = answer
  if (status !== 200 || typeof jsonBody !== 'object' || jsonBody === null) return answer
  const etag = etagOf(jsonBody)
  const told = { ...answer.headers, etag, 'cache-control': 'private, no-cache' }
  if (matches(headers.get('if-none-match') ?? '', etag)) return { status: 304, headers: told }
  return { ...answer, headers: told }
}

/** Whether a list of versions, as a header has it, names this one. */
export function matches(list: string, etag: string): boolean {
  return list.split(',').map(bare).includes(bare(etag))
}

function bare(tag: string): string {
  return tag.trim().replace(/^W\//, '')
}
