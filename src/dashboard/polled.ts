import { useEffect, useRef, useState } from 'preact/hooks'
import type { Problem } from '../messages/api.ts'
import type { Answer } from './client.ts'

const BACK_OFF_MAX_MS = 30_000
const BACK_OFF_DOUBLINGS_MAX = 6

export interface Polled<T> {
  readonly data: T | undefined
  /** Why the last request was refused. */
  readonly refused: Problem | undefined
  /** Why the last request got no answer. */
  readonly lost: string | undefined
  /** When data last came, by this machine's clock. */
  readonly seenAtMs: number | undefined
  readonly refresh: () => void
}

interface Seen<T> {
  readonly key: string
  readonly data?: T
  readonly refused?: Problem
  readonly lost?: string
  readonly seenAtMs?: number
}

/** How long to wait after so many failures in a row. */
export function backOffMs(everyMs: number, failures: number): number {
  const doubled = everyMs * 2 ** Math.min(failures, BACK_OFF_DOUBLINGS_MAX)
  return failures === 0 ? everyMs : Math.min(doubled, Math.max(everyMs, BACK_OFF_MAX_MS))
}

function after<T>(before: Seen<T>, answer: Answer<T>, key: string): Seen<T> {
  const kept: Seen<T> =
    before.key === key && before.data !== undefined
      ? { key, data: before.data, ...(before.seenAtMs === undefined ? {} : { seenAtMs: before.seenAtMs }) }
      : { key }
  switch (answer.kind) {
    case 'ok':
      return { key, data: answer.body, seenAtMs: Date.now() }
    case 'refused':
      return { ...kept, refused: answer.problem }
    case 'lost':
      return { ...kept, lost: answer.words }
    case 'signedOut':
      return kept
    default:
      return answer satisfies never
  }
}

/**
 * What `load` answers, asked again every `everyMs` (null: once). Waits while the page is hidden and asks less
 * often while there is no answer. Data of another `key` is never shown.
 */
export function usePolled<T>(key: string, load: () => Promise<Answer<T>>, everyMs: number | null): Polled<T> {
  const [seen, setSeen] = useState<Seen<T>>({ key })
  const [asked, setAsked] = useState(0)
  const latest = useRef(load)
  latest.current = load

  // `asked` starts the loop anew, on refresh.
  useEffect(() => {
    let stopped = false
    let timer: ReturnType<typeof setTimeout> | undefined
    let failures = 0
    let asking = false
    let finished = false
    const turn = async () => {
      timer = undefined
      if (document.hidden || asking) return
      asking = true
      const answer = await latest.current()
      asking = false
      if (stopped) return
      failures = answer.kind === 'ok' ? 0 : failures + 1
      setSeen((before) => after(before, answer, key))
      const again = everyMs ?? (answer.kind === 'lost' ? 1_000 : null)
      finished = again === null || answer.kind === 'signedOut'
      if (again !== null && !finished) timer = setTimeout(turn, backOffMs(again, failures))
    }
    const onShown = () => {
      if (document.hidden || finished) return
      clearTimeout(timer)
      void turn()
    }
    document.addEventListener('visibilitychange', onShown)
    void turn()
    return () => {
      stopped = true
      clearTimeout(timer)
      document.removeEventListener('visibilitychange', onShown)
    }
  }, [key, everyMs, asked])

  const now = seen.key === key ? seen : undefined
  return {
    data: now?.data,
    refused: now?.refused,
    lost: now?.lost,
    seenAtMs: now?.seenAtMs,
    refresh: () => setAsked((n) => n + 1),
  }
}
