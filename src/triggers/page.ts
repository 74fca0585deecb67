import type { HttpResponseInit } from '@azure/functions'
import { z } from 'zod'
import { PageQuery } from '../messages/page.ts'
import { problem } from './problems.ts'

interface Page<T> {
  readonly items: readonly T[]
  readonly next: string | null
}

/** One page of an ordered list. What it goes on behind is named, not counted: what comes in between shifts nothing. */
export function pageOf<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  query: URLSearchParams,
): Page<T> | { readonly refused: HttpResponseInit } {
  const asked = PageQuery.safeParse({
    after: query.get('after') ?? undefined,
    limit: query.get('limit') ?? undefined,
  })
  if (!asked.success) return { refused: problem('invalid-request', z.prettifyError(asked.error)) }
  const { after, limit } = asked.data
  const start = after === undefined ? 0 : all.findIndex((one) => keyOf(one) === after) + 1
  if (after !== undefined && start === 0)
    return {
      refused: problem('invalid-request', 'after: nothing of this list has that name; begin anew without it'),
    }
  const items = all.slice(start, start + limit)
  const last = items.at(-1)
  return { items, next: last !== undefined && start + limit < all.length ? keyOf(last) : null }
}
