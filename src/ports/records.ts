import type { z } from 'zod'
import { AuditEntry } from '../domain/audit.ts'
import { AutonomyStep } from '../domain/autonomy.ts'
import { BudgetBook } from '../domain/budget.ts'
import { Prediction } from '../domain/calibration.ts'
import { Comparison } from '../domain/comparison.ts'
import { Controls } from '../domain/controls.ts'
import { ForeignRebind, RouteRepair, StaleWriter } from '../domain/deviation.ts'
import { Evidence } from '../domain/evidence.ts'
import { Forwarding } from '../domain/forwarding.ts'
import { Incident } from '../domain/incident.ts'
import { KeptAnswer } from '../domain/kept-answer.ts'
import { LeaseBook } from '../domain/leases.ts'
import { LoweringRecord } from '../domain/lowering.ts'
import { Notice } from '../domain/notice.ts'
import { Plan } from '../domain/plan.ts'
import { ProvisioningRecord } from '../domain/provisioning.ts'
import { RaisedMinimum } from '../domain/raised-minimum.ts'
import { RehearsalReport } from '../domain/rehearsal.ts'
import { Reminder } from '../domain/reminders.ts'
import { Conflict, Decision, Evaluation, Motion, MoveRecord, Run } from '../domain/run.ts'
import { Scan } from '../domain/scan.ts'
import { Switch } from '../domain/switches.ts'
import { TicketBook } from '../domain/ticket.ts'

/** All documents that Restamp keeps, by collection. Ids hold `/` between their parts: `PLAN/REPLICA`. */
export const COLLECTIONS = {
  plans: Plan,
  runs: Run,
  decisions: Decision,
  conflicts: Conflict,
  evidence: Evidence,
  controls: Controls,
  moves: MoveRecord,
  comparisons: Comparison,
  evaluations: Evaluation,
  rehearsals: RehearsalReport,
  scans: Scan,
  incidents: Incident,
  notices: Notice,
  predictions: Prediction,
  reminders: Reminder,
  switches: Switch,
  staleWriters: StaleWriter,
  minimums: RaisedMinimum,
  lowerings: LoweringRecord,
  provisionings: ProvisioningRecord,
  foreignRebinds: ForeignRebind,
  repairs: RouteRepair,
  forwardings: Forwarding,
  budgets: BudgetBook,
  audit: AuditEntry,
  leases: LeaseBook,
  autonomy: AutonomyStep,
  motions: Motion,
  /** By a digest of who asked and of the key that they gave. */
  answers: KeptAnswer,
  /** The change tickets of a region, by its name. */
  tickets: TicketBook,
} as const
export type Collection = keyof typeof COLLECTIONS
export type RecordOf<C extends Collection> = z.infer<(typeof COLLECTIONS)[C]>

export interface Stored<T> {
  readonly id: string
  readonly value: T
  readonly etag: string
}

/** Product state as documents. Every write is conditional; no promise rests on several at once. */
export interface Records {
  read<C extends Collection>(collection: C, id: string): Promise<Stored<RecordOf<C>> | undefined>
  create<C extends Collection>(collection: C, id: string, value: RecordOf<C>): Promise<'created' | 'exists'>
  replace<C extends Collection>(
    collection: C,
    id: string,
    value: RecordOf<C>,
    etag: string,
  ): Promise<'replaced' | 'stale'>
  /** Ordered by id; at most `limit`. `after` continues behind an id. */
  list<C extends Collection>(
    collection: C,
    query: { readonly prefix?: string; readonly after?: string; readonly limit: number },
  ): Promise<readonly Stored<RecordOf<C>>[]>
}

const PAGE = 1_000

/** All records of a collection whose ids begin with a prefix, by id. */
export async function everyRecord<C extends Collection>(
  records: Pick<Records, 'list'>,
  collection: C,
  prefix = '',
): Promise<Stored<RecordOf<C>>[]> {
  const all: Stored<RecordOf<C>>[] = []
  for (;;) {
    const page = await records.list(collection, { prefix, after: all.at(-1)?.id ?? '', limit: PAGE })
    all.push(...page)
    if (page.length < PAGE) return all
  }
}

/** What they hold. */
export async function everyValue<C extends Collection>(
  records: Pick<Records, 'list'>,
  collection: C,
  prefix = '',
): Promise<RecordOf<C>[]> {
  return (await everyRecord(records, collection, prefix)).map(({ value }) => value)
}
