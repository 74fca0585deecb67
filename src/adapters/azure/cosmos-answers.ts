import { setTimeout as sleep } from 'node:timers/promises'

export const CONFLICT = 409
export const NOT_FOUND = 404
export const PRECONDITION_FAILED = 412
/** Somebody wrote to the same partition at the same moment: nothing was done. The SDK repeats other refusals, not this one. */
const RETRY_WITH = 449
const WRITES_MAX = 5
/** How often a question is asked, or a write made that was not made, where no answer came. */
export const TRIES_MAX = 4
const PAUSE_MS = 20

/** Asks, again after a moment where no answer came: a step asks dozens of questions, and each is as good the second time. */
export async function asked<T>(ask: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await ask()
    } catch (error) {
      if (attempt === TRIES_MAX || !isUnanswered(codeOf(error))) throw error
    }
    await sleep(PAUSE_MS * attempt)
  }
}

/** Writes, again where the partition was busy with another write. */
export async function written(write: () => Promise<unknown>): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      await write()
      return
    } catch (error) {
      if (codeOf(error) !== RETRY_WITH || attempt === WRITES_MAX) throw error
    }
  }
}

/** The HTTP status of what the SDK throws, or Node's code of a broken connection. */
export function codeOf(error: unknown): unknown {
  return error instanceof Object && 'code' in error ? error.code : undefined
}

/** No answer, a time-out (408), or a server that failed amid it (5xx): the write may have been made. */
export function isUnanswered(code: unknown): boolean {
  return typeof code !== 'number' || code === 408 || code >= 500
}
