import { z } from 'zod'
import { RegionName, StampId } from './ids.ts'
import type { Plan } from './plan.ts'

/** Spans count for a little longer: a move's first step is written down a moment after it began. */
const SLACK_MS = 60_000
const HOUR_MS = 3_600_000 + SLACK_MS
const DAY_MS = 24 * 3_600_000 + SLACK_MS

/** How much of a region may be set in motion. Percent is load of one source stamp, whichever pool of it is meant. */
export const Budgets = z.strictObject({
  movesPerHour: z.int().min(1).max(10_000).default(100),
  movesPerDay: z.int().min(1).max(100_000).default(300),
  percentPerHour: z.number().positive().max(100).default(60),
  percentPerDay: z.number().positive().max(1000).default(100),
})
export type Budgets = z.infer<typeof Budgets>

/** `atMs` is when the move was admitted, and once it has begun, when it did. */
const Spent = z.object({
  key: z.string(),
  stamp: StampId,
  percent: z.number().min(0),
  atMs: z.int(),
  state: z.enum(['admitted', 'begun']),
})

/** What a region's budget was spent on in the last day, one entry a move. */
export const BudgetBook = z.object({ region: RegionName, spent: z.array(Spent) })
export type BudgetBook = z.infer<typeof BudgetBook>

/** One move that asks for its part of the budget; `key` is the move's, so that a repeat spends nothing. */
export interface Wanted {
  readonly key: string
  readonly stamp: StampId
  readonly percent: number
}

export interface Spending {
  readonly book: BudgetBook
  readonly granted: readonly string[]
  /** When the first move that was not granted would be; null where all were. */
  readonly nextAtMs: number | null
  readonly words: string
}

/**
 * Spends a region's budget on as many of the wanted moves as it allows, in order. A move that is larger than the whole
 * budget of percent goes alone. `limits` null is an emergency: nothing stops it, but what it takes counts for others.
 */
export function spend(
  book: BudgetBook,
  wanted: readonly Wanted[],
  { limits, atMs }: { readonly limits: Budgets | null; readonly atMs: number },
): Spending {
  const spent = book.spent.filter((entry) => entry.atMs > atMs - DAY_MS)
  const granted: string[] = []
  let first: { readonly move: Wanted; readonly why: string } | undefined
  for (const move of wanted) {
    const known = spent.find(({ key }) => key === move.key)
    // An emergency may have taken what this one was admitted to.
    const others = known ? spent.filter((entry) => entry !== known) : spent
    const why = limits && known?.state !== 'begun' ? overBudget(others, move, { limits, atMs }) : undefined
    if (why) {
      first ??= { move, why }
      continue
    }
    granted.push(move.key)
    if (!known) spent.push({ ...move, atMs, state: 'admitted' })
  }
  const nextAtMs = first && limits ? freeAt(spent, first.move, { limits, atMs }) : null
  return { book: { ...book, spent }, granted, nextAtMs, words: first?.why ?? '' }
}

export type Begun =
  | { readonly kind: 'begun'; readonly book: BudgetBook }
  | { readonly kind: 'not-admitted' }
  | { readonly kind: 'over'; readonly words: string }

/**
 * The book once an admitted move has begun; a repeat changes nothing. It is over where an emergency has taken since what the
 * move was admitted to.
 */
export function begin(
  book: BudgetBook,
  key: string,
  { limits, atMs }: { readonly limits: Budgets | null; readonly atMs: number },
): Begun {
  const entry = book.spent.find((each) => each.key === key)
  if (!entry) return { kind: 'not-admitted' }
  if (entry.state === 'begun') return { kind: 'begun', book }
  const others = book.spent.filter((each) => each !== entry)
  const words = limits ? overBudget(others, entry, { limits, atMs }) : undefined
  if (words !== undefined) return { kind: 'over', words }
  const begun = { ...entry, state: 'begun', atMs } as const
  return {
    kind: 'begun',
    book: { ...book, spent: book.spent.map((each) => (each === entry ? begun : each)) },
  }
}

/** The book without what a plan was given and never began with. */
export function giveBack(book: BudgetBook, planId: string): BudgetBook {
  const isLeft = ({ key, state }: BudgetBook['spent'][number]) =>
    state === 'admitted' && key.startsWith(`${planId}/`)
  return { ...book, spent: book.spent.filter((entry) => !isLeft(entry)) }
}

/** What a plan keeps to; an emergency to nothing. */
export function limitsOf({ urgency, policy }: Pick<Plan, 'urgency' | 'policy'>): Budgets | null {
  return urgency === 'emergency' ? null : policy.budgets
}

interface Rule {
  readonly limits: Budgets
  readonly atMs: number
}

/** Why a move would break the budget, if it would. */
function overBudget(spent: BudgetBook['spent'], move: Wanted, { limits, atMs }: Rule): string | undefined {
  for (const [span, words, moves, percent] of [
    [HOUR_MS, 'an hour', limits.movesPerHour, limits.percentPerHour],
    [DAY_MS, 'a day', limits.movesPerDay, limits.percentPerDay],
  ] as const) {
    // An admitted move may begin at any moment.
    const recent = spent.filter((entry) => entry.state === 'admitted' || entry.atMs > atMs - span)
    if (recent.length >= moves) return `${recent.length} of ${moves} moves ${words} are spent`
    const here = recent.filter(({ stamp }) => stamp === move.stamp)
    const sum = here.reduce((total, entry) => total + entry.percent, 0)
    if (here.length > 0 && sum + move.percent > percent) {
      return `${sum.toFixed(1)} of ${percent} % of ${move.stamp}'s load ${words} are spent, and the next move has ${move.percent.toFixed(1)} %`
    }
  }
  return undefined
}

/** When a move would be within the budget if nothing else began: what else is admitted is taken to begin now. */
function freeAt(admitted: BudgetBook['spent'], move: Wanted, { limits, atMs }: Rule): number | null {
  const spent = admitted
    .filter(({ key }) => key !== move.key)
    .map((entry) => (entry.state === 'begun' ? entry : { ...entry, state: 'begun' as const, atMs }))
  const times = spent
    .flatMap((entry) => [entry.atMs + HOUR_MS, entry.atMs + DAY_MS])
    .filter((time) => time > atMs)
    .toSorted((a, b) => a - b)
  return times.find((time) => overBudget(spent, move, { limits, atMs: time }) === undefined) ?? null
}
