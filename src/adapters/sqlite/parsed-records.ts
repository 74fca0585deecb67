import type { Collection, RecordOf } from '../../ports/records.ts'

/** So many characters of JSON are kept parsed; the least recently read leave first. */
const CHARACTERS_MAX = 16_000_000

interface Parsed {
  readonly collection: Collection
  readonly version: number
  readonly characters: number
  readonly value: object
}

export interface RecordText {
  readonly id: string
  readonly version: number
  readonly text: string
}

/**
 * What was last read of each record, parsed: looking again at an unchanged one parses nothing. Values are frozen, since
 * every reader gets the same one.
 */
export class ParsedRecords {
  readonly #parsed = new Map<string, Parsed>()
  #characters = 0

  /** The record at its version, parsed from its text where that version was not read before. */
  value<C extends Collection>(
    collection: C,
    { id, version, text }: RecordText,
    parse: () => RecordOf<C>,
  ): RecordOf<C> {
    const key = `${collection}/${id}`
    const known = this.#parsed.get(key)
    if (known) this.#forget(key, known)
    const isSame = known?.version === version && isOf(collection, known)
    const value = isSame ? known.value : deepFrozen(parse())
    this.#parsed.set(key, { collection, version, characters: text.length, value })
    this.#characters += text.length
    this.#trim()
    return value
  }

  #trim(): void {
    for (const [oldest, entry] of this.#parsed) {
      if (this.#characters <= CHARACTERS_MAX) return
      this.#forget(oldest, entry)
    }
  }

  #forget(key: string, { characters }: Parsed): void {
    this.#parsed.delete(key)
    this.#characters -= characters
  }
}

function isOf<C extends Collection>(
  collection: C,
  parsed: Parsed,
): parsed is Parsed & { readonly value: RecordOf<C> } {
  return parsed.collection === collection
}

function deepFrozen<T extends object>(value: T): T {
  for (const part of Object.values(value)) if (typeof part === 'object' && part !== null) deepFrozen(part)
  return Object.freeze(value)
}
