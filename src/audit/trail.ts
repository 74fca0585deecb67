import type { AuditEntry, AuditFact, AuditHead, AuditVerdict } from '../domain/audit.ts'
import { chained, NO_HEAD, verifyChain } from '../domain/audit-chain.ts'
import type { Anchors } from '../ports/anchors.ts'
import type { Clock } from '../ports/clock.ts'
import { type Collection, everyRecord, type Records } from '../ports/records.ts'
import { collectionsOf, FLEET_CHAIN, factsOf } from './facts.ts'

/** A chain that is longer is not told further, and its verification says so. */
const ENTRIES_MAX = 1_000_000
const PAGE = 1_000
const WRITES_MAX = 100
/** So many chains are kept open; another one closes the one that was opened first. */
const CHAINS_MAX = 100
/** An open chain is compared with the records so often: another process may have been killed between the two. */
const COMPARE_EVERY_MS = 12 * 3_600_000
/** A fact of the last minute may lack its entry because its writer is between the two. */
const SETTLES_MS = 60_000
/** From then on a fact without an entry is a break of the chain; a host that was down has caught up by then. */
const BREAKS_AFTER_MS = 2 * COMPARE_EVERY_MS
const NUMBER_WIDTH = 9

interface Chain {
  head: AuditHead
  readonly keys: Set<string>
  compareAtMs: number
  anchored: number
}

/** The audit of what was done: a chain of create-only records a plan, written beside the records that it tells of. */
export class AuditTrail {
  readonly #records: Records
  readonly #anchors: Anchors
  readonly #clock: Clock
  readonly #onTold: (entry: AuditEntry) => void
  readonly #chains = new Map<string, Chain>()
  /** What is done to a chain in this process is done one after another; other processes are told apart by number. */
  readonly #queues = new Map<string, Promise<unknown>>()

  constructor(ports: {
    readonly records: Records
    readonly anchors: Anchors
    readonly clock: Clock
    /** Hears of each entry that this trail has written, once. */
    readonly onTold?: (entry: AuditEntry) => void
  }) {
    this.#records = ports.records
    this.#anchors = ports.anchors
    this.#clock = ports.clock
    this.#onTold = ports.onTold ?? (() => {})
  }

  /** Tells facts that are on record already; those that were told before are left out. */
  async tell(chain: string, facts: readonly AuditFact[]): Promise<void> {
    await this.#inTurn(chain, async () => {
      const open = await this.#opened(chain)
      // Should this fail, what was to be told is found by the next comparison, and that one is due at once.
      const compareAtMs = open.compareAtMs
      open.compareAtMs = 0
      for (const fact of facts) await this.#append(open, fact, 'write')
      open.compareAtMs = compareAtMs
      await this.#compare(chain, open)
    })
  }

  /** Keeps the head where the app can't change it, and tells before what a killed writer left untold. */
  async anchor(chain: string): Promise<void> {
    await this.#inTurn(chain, async () => {
      const open = await this.#opened(chain)
      await this.#compare(chain, open)
      const { number, hash } = open.head
      if (number === 0 || number === open.anchored) return
      const kept = await this.#anchors.keep({ chain, number, hash, atMs: this.#clock.nowMs() })
      if (kept === 'conflict')
        throw new Error(`entry ${number} of ${chain} is anchored with another hash; verify the audit`)
      open.anchored = number
    })
  }

  /** Entries behind a number, at most a page of them. */
  async entries(chain: string, after: number): Promise<readonly AuditEntry[]> {
    const stored = await this.#records.list('audit', {
      prefix: `${chain}/`,
      after: entryId(chain, after),
      limit: PAGE,
    })
    return stored.map(({ value }) => value)
  }

  /** Checks the chain against itself, its anchors and the records. It changes nothing. */
  async verify(chain: string): Promise<AuditVerdict> {
    const facts = await this.#facts(chain)
    const anchors = await this.#anchors.list(chain)
    const settledMs = this.#clock.nowMs() - BREAKS_AFTER_MS
    return verifyChain({ chain, entries: await this.#all(chain, 0), anchors, facts, settledMs })
  }

  async #inTurn<T>(chain: string, work: () => Promise<T>): Promise<T> {
    const before = this.#queues.get(chain) ?? Promise.resolve()
    const turn = before.then(work, work)
    this.#queues.set(chain, turn)
    try {
      return await turn
    } finally {
      if (this.#queues.get(chain) === turn) this.#queues.delete(chain)
    }
  }

  async #opened(chain: string): Promise<Chain> {
    const known = this.#chains.get(chain)
    if (known) return known
    const open: Chain = { head: NO_HEAD, keys: new Set(), compareAtMs: 0, anchored: 0 }
    await this.#catchUp(chain, open)
    const [first] = this.#chains.keys()
    if (first !== undefined && this.#chains.size >= CHAINS_MAX) this.#chains.delete(first)
    this.#chains.set(chain, open)
    return open
  }

  /** Tells what is on record and was not told: its writer was killed between the two. */
  async #compare(chain: string, open: Chain): Promise<void> {
    const nowMs = this.#clock.nowMs()
    if (nowMs < open.compareAtMs) return
    const facts = (await this.#facts(chain)).filter(({ key }) => !open.keys.has(key))
    const fresh = facts.filter(({ atMs }) => atMs > nowMs - SETTLES_MS)
    for (const fact of facts.toSorted((a, b) => a.atMs - b.atMs)) {
      if (!fresh.includes(fact)) await this.#append(open, fact, 'sweep')
    }
    open.compareAtMs = nowMs + (fresh.length > 0 ? SETTLES_MS : COMPARE_EVERY_MS)
  }

  /** The number is what orders writers: whoever loses it reads on and tries the next one. */
  async #append(open: Chain, fact: AuditFact, foundBy: AuditEntry['foundBy']): Promise<void> {
    for (let write = 0; write < WRITES_MAX; write += 1) {
      if (open.keys.has(fact.key)) return
      const entry = chained(open.head, fact, { foundBy, writtenAtMs: this.#clock.nowMs() })
      const id = entryId(fact.chain, entry.number)
      if ((await this.#records.create('audit', id, entry)) === 'created') {
        take(open, entry)
        this.#onTold(entry)
        return
      }
      await this.#catchUp(fact.chain, open)
    }
    throw new Error(`the audit of ${fact.chain} was written by others ${WRITES_MAX} times in a row`)
  }

  async #catchUp(chain: string, open: Chain): Promise<void> {
    for (const entry of await this.#all(chain, open.head.number)) take(open, entry)
  }

  async #all(chain: string, after: number): Promise<AuditEntry[]> {
    const all: AuditEntry[] = []
    while (all.length < ENTRIES_MAX) {
      const page = await this.entries(chain, all.at(-1)?.number ?? after)
      all.push(...page)
      if (page.length < PAGE) break
    }
    return all
  }

  /** All facts that the records tell now. */
  async #facts(chain: string): Promise<AuditFact[]> {
    const place = chain === FLEET_CHAIN ? 'fleet' : 'plan'
    const facts: AuditFact[] = []
    for (const collection of collectionsOf(place)) {
      facts.push(...(await this.#listed(collection, place === 'fleet' ? '' : `${chain}/`)))
      const own = place === 'plan' ? await this.#records.read(collection, chain) : undefined
      if (own) facts.push(...factsOf(collection, chain, own.value))
    }
    return facts
  }

  async #listed<C extends Collection>(collection: C, prefix: string): Promise<AuditFact[]> {
    const stored = await everyRecord(this.#records, collection, prefix)
    return stored.flatMap(({ id, value }) => factsOf(collection, id, value))
  }
}

function take(open: Chain, entry: AuditEntry): void {
  open.head = { number: entry.number, hash: entry.hash }
  open.keys.add(entry.key)
}

function entryId(chain: string, number: number): string {
  return `${chain}/${String(number).padStart(NUMBER_WIDTH, '0')}`
}
