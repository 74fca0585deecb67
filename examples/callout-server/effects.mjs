import { randomUUID } from 'node:crypto'
import { Refusal } from './problems.mjs'

const KEPT_MS = 86_400_000
const KEYS_MAX = 100_000
const RETRY_AFTER_SECONDS = 1

/**
 * Effects by their Idempotency-Key. What an epoch fences is decided by the state on each repeat; what nothing fences is made
 * once and then only told again, however late its repeat comes.
 */
export class Effects {
  #made = new Map()
  #operations = new Map()
  #nowMs

  constructor(nowMs) {
    this.#nowMs = nowMs
  }

  make({ id, digest, isFenced }, effect, background) {
    this.#forget()
    const before = this.#made.get(id)
    if (before && before.digest !== digest)
      throw new Refusal('key-reused', 'this Idempotency-Key came before with another body')
    if (before?.operation && !before.operation.isDone) return accepted(before.operation)
    if (before && !isFenced) return outcome(before.effect)

    const made = { atMs: this.#nowMs(), digest, effect: tried(effect) }
    this.#made.set(id, made)
    if (!background) return outcome(made.effect)
    made.operation = { path: `/operations/${randomUUID()}`, isDone: false, effect: made.effect }
    this.#operations.set(made.operation.path, made.operation)
    return accepted(made.operation)
  }

  /** An effect in the background: here it is done when somebody looks for the second time. */
  lookAt(method, path) {
    const operation = method === 'GET' ? this.#operations.get(path) : undefined
    if (!operation) return undefined
    const wasSeen = operation.isSeen
    operation.isSeen = true
    if (!wasSeen) return accepted(operation)
    operation.isDone = true
    return outcome(operation.effect)
  }

  #forget() {
    for (const [id, { atMs, operation }] of this.#made) {
      if (this.#made.size < KEYS_MAX && this.#nowMs() - atMs < KEPT_MS) return
      this.#made.delete(id)
      if (operation) this.#operations.delete(operation.path)
    }
  }
}

function tried(effect) {
  try {
    return { body: effect() }
  } catch (error) {
    return { error }
  }
}

function outcome({ body, error }) {
  if (error) throw error
  return { status: 200, body }
}

/** Behind a gateway that puts a prefix before our paths, this location needs it, too. */
function accepted({ path }) {
  const headers = { location: path, 'retry-after': String(RETRY_AFTER_SECONDS) }
  return { status: 202, headers, body: { words: 'under way' } }
}
