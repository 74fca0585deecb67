import { z } from 'zod'
import { type DatabaseKind, openDatabase, refusing } from '../adapters/sqlite/open-database.ts'
import { PoolRole } from '../domain/fleet.ts'
import { CustomerName, RegionName, ReplicaId, StampId } from '../domain/ids.ts'
import { Interlock } from '../domain/interlocks.ts'

/** What can be made to go wrong. Times are epoch ms; the twin keeps faults in its log, so that they last a restart. */
export const TwinFault = z.discriminatedUnion('kind', [
  /** The stamp's nodes run hotter by `factor` and its requests fail more often, until `untilMs`. */
  z.object({
    kind: z.literal('destination-worse'),
    stamp: StampId,
    factor: z.number().min(1).max(20),
    untilMs: z.number().optional(),
  }),
  /** No telemetry of the stamp and of the replicas routed to it in [fromMs, untilMs). */
  z.object({ kind: z.literal('silent-source'), stamp: StampId, fromMs: z.number(), untilMs: z.number() }),
  /** The next `times` re-binds throw, of one replica or of any. */
  z.object({
    kind: z.literal('rebind-fails'),
    times: z.int().min(1).max(1000),
    replica: ReplicaId.optional(),
  }),
  /** Many of the replica's clients cling to what they once resolved, for hours. */
  z.object({ kind: z.literal('slow-drain'), replica: ReplicaId }),
  /** The next `times` stamps that are made fail after a while. */
  z.object({ kind: z.literal('provisioning-fails'), times: z.int().min(1).max(1000) }),
  /** Something outside speaks against moving. */
  z.object({ kind: z.literal('interlock'), interlock: Interlock }),
])
export type TwinFault = z.infer<typeof TwinFault>

const EffectBody = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('rebind'),
    replica: ReplicaId,
    to: StampId,
    epoch: z.int(),
    moveKey: z.string(),
  }),
  z.object({ kind: z.literal('rebindFailed'), replica: ReplicaId }),
  z.object({
    kind: z.literal('route'),
    replica: ReplicaId,
    to: StampId,
    moveKey: z.string(),
    epoch: z.int().optional(),
  }),
  z.object({
    kind: z.literal('minimum'),
    stamp: StampId,
    role: PoolRole,
    minNodes: z.int(),
    changeKey: z.string().optional(),
  }),
  z.object({ kind: z.literal('warm'), replica: ReplicaId, stamp: StampId }),
  z.object({
    kind: z.literal('provision'),
    wanted: z.object({
      region: RegionName,
      stamp: StampId,
      customer: CustomerName,
      pools: z.array(z.object({ role: PoolRole, nodes: z.int(), like: StampId })),
      key: z.string(),
    }),
  }),
  z.object({ kind: z.literal('activate'), stamp: StampId }),
  z.object({ kind: z.literal('unprovision'), stamp: StampId }),
  z.object({ kind: z.literal('fault'), fault: TwinFault }),
])
export type EffectBody = z.infer<typeof EffectBody>

/** One thing that was done to the region, and when. */
interface Effect {
  readonly atMs: number
  readonly body: EffectBody
}

const KIND: DatabaseKind = {
  application: 0x52_53_74_31,
  use: 'alone',
  holds: "Restamp's simulated region",
  schema: `CREATE TABLE IF NOT EXISTS effects (
    number INTEGER PRIMARY KEY, at_ms REAL NOT NULL, body TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS origin (only_row INTEGER PRIMARY KEY CHECK (only_row = 1), made_from TEXT NOT NULL) STRICT`,
}

/** A twin's file made from other files or another seed: its effects would mean something else here. */
export class TwinMismatch extends Error {
  override readonly name = 'TwinMismatch'
}

export interface EffectLog {
  readonly effects: readonly Effect[]
  append(effect: Effect): void
  close(): void
}

/**
 * The only state a twin has: what was done to it, in order, in one SQLite file. Throws `DatabaseRefused`,
 * and `TwinMismatch` where the file was begun for other data than `madeFrom` names.
 */
export function openEffectLog(path: string, madeFrom: string): EffectLog {
  const database = openDatabase(path, KIND)
  database.prepare('INSERT OR IGNORE INTO origin VALUES (1, ?)').run(madeFrom)
  const origin = String(database.prepare('SELECT made_from FROM origin').get()?.made_from)
  if (origin !== madeFrom) {
    database.close()
    throw new TwinMismatch(
      `${path} holds a simulated region made from other files or another seed; name another file, or remove this one to begin anew.`,
    )
  }

  const effects: Effect[] = database
    .prepare('SELECT at_ms, body FROM effects ORDER BY number')
    .all()
    .map((row) => ({ atMs: Number(row.at_ms), body: EffectBody.parse(JSON.parse(String(row.body))) }))
  return {
    effects,
    append(effect) {
      const text = JSON.stringify(EffectBody.parse(effect.body))
      refusing(path, KIND, () =>
        database.prepare('INSERT INTO effects (at_ms, body) VALUES (?, ?)').run(effect.atMs, text),
      )
      effects.push(effect)
    },
    close: () => database.close(),
  }
}
