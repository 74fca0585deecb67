import { z } from 'zod'
import type { QueryPart } from './operation.ts'

const PAGE_DEFAULT = 200
const PAGE_MAX = 1_000

/** Which page of a list is asked for. */
export const PageQuery = z.object({
  after: z.string().max(300).optional(),
  limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
})
export type PageQuery = z.infer<typeof PageQuery>

/** The same as parts of a query. */
export const PAGE_PARTS = {
  after: { schema: z.string().max(300), words: 'What the page before this one gave as `next`.' },
  limit: {
    schema: z.int().min(1).max(PAGE_MAX),
    words: `So many at most; ${PAGE_DEFAULT} by default.`,
  },
} as const satisfies Readonly<Record<string, QueryPart>>
