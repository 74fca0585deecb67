import type { Backtest, BacktestDay, Shadow } from '../messages/replay-document.ts'

export type Replay =
  | { readonly kind: 'backtest'; readonly policies: readonly Backtest[] }
  | { readonly kind: 'shadow'; readonly shadow: Shadow }
  | { readonly kind: 'refused'; readonly words: string }

const EXPECTED = 'expected what `restamp backtest --json` or `restamp shadow --json` printed'

/** A replay from the text of a file; what is none is said to be none. */
export function replayOf(name: string, text: string): Replay {
  const document = jsonOf(text)
  if (document === undefined) return refused(`${name} is no JSON; ${EXPECTED}`)
  if (isBacktest(document)) return { kind: 'backtest', policies: document }
  if (isShadow(document)) return { kind: 'shadow', shadow: document }
  return refused(`${name} is some other document; ${EXPECTED}`)
}

function refused(words: string): Replay {
  return { kind: 'refused', words }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const has = (value: unknown, ...lists: readonly string[]): boolean =>
  typeof value === 'object' &&
  value !== null &&
  lists.every((name) => Array.isArray(Reflect.get(value, name)))

function isBacktest(document: unknown): document is readonly Backtest[] {
  return Array.isArray(document) && document.length > 0 && document.every((each) => has(each, 'days'))
}

function isShadow(document: unknown): document is Shadow {
  return has(document, 'proposals', 'moves')
}

/** Every day that a policy was replayed on, with what each would have done on it, in the policies' order. */
export function dayByDay(
  policies: readonly Backtest[],
): readonly { readonly end: string; readonly days: readonly (BacktestDay | undefined)[] }[] {
  const ends = [...new Set(policies.flatMap(({ days }) => days.map(({ end }) => end)))].toSorted()
  return ends.map((end) => ({
    end,
    days: policies.map(({ days }) => days.find((day) => day.end === end)),
  }))
}
