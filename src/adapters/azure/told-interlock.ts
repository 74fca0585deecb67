import type { StampId } from '../../domain/ids.ts'
import type { Interlock } from '../../domain/interlocks.ts'

const WORDS_MAX = 500

/** The span of a query to `Interlocks`, and the region that it is about. */
export interface Asked {
  readonly region: string
  readonly fromMs: number
  readonly toMs: number
}

/** What a source of the platform tells: without a stamp it is of the whole region. Epoch ms, null is without a known end. */
export interface Told {
  readonly kind: 'rollout' | 'incident'
  readonly stamp?: StampId | undefined
  readonly fromMs: number
  readonly untilMs: number | null
  readonly words: string
}

export function interlockOf({ stamp, words, ...told }: Told, region: string): Interlock {
  return { ...told, region, words: words.slice(0, WORDS_MAX), ...(stamp ? { stamp } : {}) }
}

/** Whether it was in force at any moment of the span. */
export function overlaps({ fromMs, untilMs }: Told, asked: Asked): boolean {
  return fromMs <= asked.toMs && (untilMs === null || untilMs > asked.fromMs)
}
