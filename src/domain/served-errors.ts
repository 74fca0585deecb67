import { z } from 'zod'

/**
 * What a batch's moved registries were served from its first move up to one look: requests that failed, and as many as would
 * have failed by their own past and what unmoved ones saw. Only registries are in it whose errors somebody measures.
 */
export const ServedErrors = z.object({
  fromMs: z.int(),
  toMs: z.int(),
  moves: z.int().min(1),
  requests: z.number(),
  errors: z.number(),
  expected: z.number(),
})
export type ServedErrors = z.infer<typeof ServedErrors>

/** Errors of tenants whose registries moved: all that were seen, and how many more than expected; null without a count. */
export const TenantErrors = z.object({
  /** More than expected, for each 1,000 moves. Below zero there were fewer than in their past. */
  perThousandMoves: z.number().nullable(),
  seen: z.number().nullable(),
  expected: z.number().nullable(),
  /** Moves whose errors were counted, and those of whom nobody knows. */
  moves: z.int(),
  uncounted: z.int(),
})
export type TenantErrors = z.infer<typeof TenantErrors>

/** Sums what looks have counted, of each batch's moves the latest look; `moves` is how many there were at all. */
export function tenantErrors(
  looks: readonly { readonly batch: string; readonly served: ServedErrors }[],
  moves: number,
): TenantErrors {
  const latest = new Map<string, ServedErrors>()
  for (const { batch, served } of looks) {
    const key = `${batch}/${served.fromMs}`
    if (served.toMs >= (latest.get(key)?.toMs ?? 0)) latest.set(key, served)
  }
  const counted = [...latest.values()]
  const sum = (of: 'moves' | 'errors' | 'expected') => counted.reduce((total, one) => total + one[of], 0)
  const known = sum('moves')
  const uncounted = Math.max(0, moves - known)
  if (known === 0) return { perThousandMoves: null, seen: null, expected: null, moves: 0, uncounted }
  const [seen, expected] = [sum('errors'), sum('expected')]
  return { perThousandMoves: ((seen - expected) / known) * 1000, seen, expected, moves: known, uncounted }
}
