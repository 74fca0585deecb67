import { z } from 'zod'

const MS_OF_YEAR_1 = 62_135_596_800_000
const TICKS_A_MS = 10_000

/**
 * An instant as the health tables have it, in epoch ms: a text, or .NET ticks (100 ns since the year 1) as a number or a text.
 * Null where it is left out, empty, or the year 1, which stands for none.
 */
export const Instant = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value, context) => {
    if (value === null || value === undefined || value === '') return null
    const ticks = Number(value)
    const ms = Number.isNaN(ticks) ? Date.parse(String(value)) : Math.floor(ticks / TICKS_A_MS) - MS_OF_YEAR_1
    if (!Number.isNaN(ms)) return ms > -MS_OF_YEAR_1 ? ms : null
    context.addIssue(`expected an instant, not ${String(value)}`)
    return z.NEVER
  })

/** The same value with each name beginning in lower case: Service Health's names come both ways. */
export function lowerNamed(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowerNamed)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      `${name.slice(0, 1).toLowerCase()}${name.slice(1)}`,
      lowerNamed(inner),
    ]),
  )
}

/** A value that may be written out as JSON. */
export function unwritten(value: unknown): unknown {
  return typeof value === 'string' && /^\s*[[{]/.test(value) ? JSON.parse(value) : value
}
