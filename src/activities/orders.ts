import type { z } from 'zod'
import { foreignWords } from '../domain/deviation.ts'
import { hasEnded } from '../domain/run.ts'
import type { FinishUndo, HoldRun, Orders, ReadOrders, RecordStatus } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import { answerOn } from '../queries/decisions.ts'
import { foreignRebindsOf } from '../queries/deviations.ts'
import { keepLeases } from './leases.ts'
import { RecordBusy, RecordMissing } from './record-faults.ts'

type Input<M extends { readonly input: z.ZodType }> = z.infer<M['input']>

const WRITES_MAX = 8

/** Writes where a run stands. An older write than the one on record changes nothing: it is a repeat. */
export const createRecordStatus =
  ({ records }: Pick<Ports, 'records'>) =>
  async ({ planId, atMs, status, waiting }: Input<typeof RecordStatus>) => {
    await keepLeases({ records }, planId, { atMs, status, untilMs: waiting?.untilMs ?? null })
    for (let write = 0; write < WRITES_MAX; write += 1) {
      const stored = await records.read('runs', planId)
      if (!stored) throw new RecordMissing(`run ${planId} is not on record`)
      // A run ends once, and no clock that was ahead keeps it from that.
      if (hasEnded(stored.value.status)) return { kind: 'recorded' } as const
      if (stored.value.updatedAtMs > atMs && !hasEnded(status)) return { kind: 'recorded' } as const
      const run = { ...stored.value, updatedAtMs: atMs, status, waiting }
      if ((await records.replace('runs', planId, run, stored.etag)) === 'replaced')
        return { kind: 'recorded' } as const
    }
    throw new RecordBusy(`run ${planId} was written by others ${WRITES_MAX} times in a row`)
  }

/** What people have asked of a run, and the answer to one gate where it is good now. */
export const createReadOrders =
  ({ records, clock }: Pick<Ports, 'records' | 'clock'>) =>
  async ({ planId, digest, gate, decidedAfterMs }: Input<typeof ReadOrders>): Promise<Orders> => {
    const controls = (await records.read('controls', planId))?.value
    const plan = (await records.read('plans', planId))?.value
    if (!controls || !plan) throw new RecordMissing(`plan ${planId} and its controls are not both on record`)
    const given = { records, clock }
    const answer =
      plan.digest === digest ? await answerOn(given, plan, { gate, askedMs: decidedAfterMs }) : undefined
    const good = answer && answer.kind !== 'unanswered' ? answer : undefined
    const [strayed] = (await foreignRebindsOf(given, planId)).toSorted((a, b) => b.atMs - a.atMs)
    return {
      ...(strayed ? { strayed: { atMs: strayed.atMs, words: foreignWords(strayed) } } : {}),
      hold: controls.hold?.reason ?? null,
      rollback: controls.rollback?.reason ?? null,
      abort: controls.abort?.reason ?? null,
      decision: good ? good.last.answer : 'none',
      decidedBy: good ? [good.by].flat().join(', ') : null,
      reason: good?.last.reason ?? null,
      ...(controls.undo ? { undo: { gates: controls.undo.gates, reason: controls.undo.reason } } : {}),
      observation: (controls.observations ?? [])
        .filter((order) => order.gate === gate)
        .map(({ by, reason, atMs, set, untilMs }) => ({ atMs, set, untilMs, words: `${by}: ${reason}` })),
    }
  }

/** What people ordered to be undone is home: it is asked for anew, once somebody resumes the run. */
export const createFinishUndo =
  ({ records }: Pick<Ports, 'records'>) =>
  async ({ planId, atMs, reason }: Input<typeof FinishUndo>) => {
    for (let write = 0; write < WRITES_MAX; write += 1) {
      const stored = await records.read('controls', planId)
      if (!stored) throw new RecordMissing(`controls of ${planId} are not on record`)
      const { undo, undone = [], hold } = stored.value
      if (!undo) return { kind: 'recorded' } as const
      const controls = {
        ...stored.value,
        undo: null,
        undone: [...undone, { ...undo, doneMs: atMs }],
        hold: hold ?? { by: 'restamp', reason, atMs },
      }
      if ((await records.replace('controls', planId, controls, stored.etag)) === 'replaced')
        return { kind: 'recorded' } as const
    }
    throw new RecordBusy(`controls of ${planId} were written by others ${WRITES_MAX} times in a row`)
  }

export const createHoldRun =
  ({ records }: Pick<Ports, 'records'>) =>
  async ({ planId, reason, atMs }: Input<typeof HoldRun>) => {
    for (let write = 0; write < WRITES_MAX; write += 1) {
      const stored = await records.read('controls', planId)
      if (!stored) throw new RecordMissing(`controls of ${planId} are not on record`)
      if (stored.value.hold) return { kind: 'recorded' } as const
      const controls = { ...stored.value, hold: { by: 'restamp', reason, atMs } }
      if ((await records.replace('controls', planId, controls, stored.etag)) === 'replaced') {
        return { kind: 'recorded' } as const
      }
    }
    throw new RecordBusy(`controls of ${planId} were written by others ${WRITES_MAX} times in a row`)
  }
