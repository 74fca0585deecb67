const SLOTS_AT_FIRST = 1024
const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193

/** Gives each distinct name a number, from 0, straight from its bytes: a text is made only at first sight. */
export class NameTable {
  readonly names: string[] = []
  readonly #bytes: Buffer[] = []
  readonly #follower: number[] = []
  #slots = new Int32Array(SLOTS_AT_FIRST).fill(-1)
  #last = -1

  /** The number of the name at `bytes[from..to)`. */
  at(bytes: Buffer, from: number, to: number): number {
    // Rows repeat themselves: mostly the same name comes again, or the one that came after it the last time.
    if (this.#last >= 0 && this.#is(this.#last, bytes, from, to)) return this.#last
    const guess = this.#follower[this.#last] ?? -1
    const found = guess >= 0 && this.#is(guess, bytes, from, to) ? guess : this.#lookUp(bytes, from, to)
    if (this.#last >= 0) this.#follower[this.#last] = found
    this.#last = found
    return found
  }

  #is(at: number, bytes: Buffer, from: number, to: number): boolean {
    const name = this.#bytes[at]
    if (name === undefined || name.length !== to - from) return false
    // Names differ towards their ends, so that is where a difference is found first.
    for (let i = name.length - 1; i >= 0; i -= 1) if (name[i] !== bytes[from + i]) return false
    return true
  }

  #lookUp(bytes: Buffer, from: number, to: number): number {
    const mask = this.#slots.length - 1
    let slot = hash(bytes, from, to) & mask
    for (;;) {
      const at = this.#slots[slot] ?? -1
      if (at < 0) return this.#add(bytes, from, to, slot)
      if (this.#is(at, bytes, from, to)) return at
      slot = (slot + 1) & mask
    }
  }

  #add(bytes: Buffer, from: number, to: number, slot: number): number {
    const at = this.names.length
    const own = Buffer.from(bytes.subarray(from, to))
    this.#bytes.push(own)
    this.#follower.push(-1)
    this.names.push(own.toString('utf8'))
    this.#slots[slot] = at
    if (this.names.length * 2 > this.#slots.length) this.#grow()
    return at
  }

  #grow(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(-1)
    const mask = slots.length - 1
    for (const [at, name] of this.#bytes.entries()) {
      let slot = hash(name, 0, name.length) & mask
      while ((slots[slot] ?? -1) >= 0) slot = (slot + 1) & mask
      slots[slot] = at
    }
    this.#slots = slots
  }
}

/** FNV-1a, 32 bits. */
function hash(bytes: Buffer, from: number, to: number): number {
  let value = FNV_OFFSET
  for (let i = from; i < to; i += 1) value = Math.imul(value ^ (bytes[i] ?? 0), FNV_PRIME)
  return value >>> 0
}
