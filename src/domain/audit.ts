import { z } from 'zod'
import { Digest } from './ids.ts'

/** What an entry is about. */
export const AuditKind = z.enum([
  'plan',
  'rehearsal',
  'start',
  'status',
  'evidence',
  'decision',
  'conflict',
  'control',
  'effect',
  'outcome',
  'verdict',
])
export type AuditKind = z.infer<typeof AuditKind>

/** One thing that happened, as the records tell it. `key` names it once in its chain, so that a repeat adds nothing. */
export const AuditFact = z.object({
  /** The plan that it belongs to; what belongs to no plan has a chain of its own. */
  chain: z.string(),
  key: z.string(),
  kind: AuditKind,
  /** When it happened, epoch ms. */
  atMs: z.int(),
  who: z.string(),
  what: z.string(),
  why: z.string().nullable(),
  /** What it was done on: a digest, or what was read back. */
  evidence: z.string().nullable(),
  before: z.string().nullable(),
  after: z.string().nullable(),
})
export type AuditFact = z.infer<typeof AuditFact>

/** A fact in its place. `hash` is SHA-256 over the canonical JSON of all else, `previous` among it: the hash of the entry before. */
export const AuditEntry = AuditFact.extend({
  number: z.int().min(1),
  /** `write`: with the record itself. `sweep`: found on record later, since whoever wrote it was killed before. */
  foundBy: z.enum(['write', 'sweep']),
  writtenAtMs: z.int(),
  previous: Digest,
  hash: Digest,
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** How far a chain has got. */
export interface AuditHead {
  readonly number: number
  readonly hash: string
}

/** A head that is kept where the app can't change it. */
export const Anchor = z.object({ chain: z.string(), number: z.int().min(1), hash: Digest, atMs: z.int() })
export type Anchor = z.infer<typeof Anchor>

export const AuditVerdict = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('intact'),
    chain: z.string(),
    entries: z.int(),
    hash: Digest,
    /** The last entry that is anchored; those behind it are held by the chain alone. */
    anchoredTo: z.int(),
    /** Facts so new that their entries may still be on the way. */
    onTheWay: z.int(),
  }),
  z.object({ kind: z.literal('broken'), chain: z.string(), number: z.int().min(1), words: z.string() }),
])
export type AuditVerdict = z.infer<typeof AuditVerdict>
