import { z } from 'zod'
import type { AuditFact } from './audit.ts'
import { isMiss, type Prediction } from './calibration.ts'
import { gateWaits, operatorTime } from './operator-time.ts'
import type { Plan } from './plan.ts'
import type { Evaluation, MoveRecord } from './run.ts'
import { TenantErrors, tenantErrors } from './served-errors.ts'

const Known = z.number().nullable()

/** How moves forward stand: each is in exactly one of these. */
export const MoveCounts = z.object({ done: z.int(), failed: z.int(), reversed: z.int(), underWay: z.int() })
export type MoveCounts = z.infer<typeof MoveCounts>

/** What records tell of how plans did. Null is not known, such as the share of no moves at all; it is never zero. */
export const RunFigures = z.object({
  plans: z.int(),
  runs: z.int(),
  moves: MoveCounts,
  /** Of the moves whose home was re-bound, the share that was taken home again, 0..1. */
  reversedShare: Known,
  /** Points of hot-node P95 over all pools that were compared; truth less prediction is `bias`; `inBand` 0..1. */
  prediction: z.object({ compared: z.int(), error: Known, bias: Known, inBand: Known }),
  tenantErrors: TenantErrors,
  /** Estimated minutes of people's work for each plan that was run, with the acts that they are told from. */
  operator: z.object({ minutesPerPlan: Known, plans: z.int(), acts: z.int(), sittings: z.int() }),
  /** How long gates waited for an answer that came; minutes. */
  gates: z.object({ answered: z.int(), meanMinutes: Known, longestMinutes: Known }),
})
export type RunFigures = z.infer<typeof RunFigures>

/** What is on record of one plan that was run. */
export interface RunTold {
  readonly plan: Pick<Plan, 'id'>
  readonly moves: readonly MoveRecord[]
  readonly looks: readonly Evaluation[]
  readonly facts: readonly AuditFact[]
}

/** The figures of plans and their runs; `predictions` are those that were compared meanwhile. */
export function runFigures(told: {
  readonly plans: number
  readonly runs: readonly RunTold[]
  readonly predictions: readonly Prediction[]
}): RunFigures {
  const { plans, runs, predictions } = told
  const moves = countMoves(runs.flatMap((run) => run.moves))
  const landed = runs.flatMap((run) => run.moves).filter((move) => isForward(move) && isRebound(move)).length
  const looks = runs.flatMap(({ plan, looks: own }) =>
    own.flatMap(({ gate, served }) => (served ? [{ batch: `${plan.id}/${gate}`, served }] : [])),
  )
  return {
    plans,
    runs: runs.length,
    moves,
    reversedShare: landed === 0 ? null : moves.reversed / landed,
    prediction: predictionFigures(predictions),
    tenantErrors: tenantErrors(looks, landed),
    operator: operatorFigures(runs),
    gates: gateFigures(runs),
  }
}

/** How moves forward stand, by what their records say and whether a way back of the same replica followed. */
export function countMoves(moves: readonly MoveRecord[]): MoveCounts {
  const counts = { done: 0, failed: 0, reversed: 0, underWay: 0 }
  for (const own of Map.groupBy(moves, ({ planId, replica }) => `${planId}/${replica}`).values()) {
    const inOrder = own.toSorted((a, b) => (a.key < b.key ? -1 : 1))
    for (const [at, move] of inOrder.entries()) {
      if (!isForward(move)) continue
      const isReversed = inOrder[at + 1]?.direction === 'reverse' && isRebound(move)
      if (isReversed) counts.reversed += 1
      else if (move.outcome === null) counts.underWay += 1
      else counts[move.outcome.kind] += 1
    }
  }
  return counts
}

function isForward({ direction }: MoveRecord): boolean {
  return direction === 'forward'
}

function isRebound({ steps }: MoveRecord): boolean {
  return steps.some(({ step, kind }) => step === 'rebind' && kind === 'done')
}

function predictionFigures(predictions: readonly Prediction[]): RunFigures['prediction'] {
  const misses = predictions.flatMap(({ actual, predicted }) =>
    actual === null ? [] : [actual - predicted.hotNodeP95],
  )
  const compared = predictions.filter(({ actual }) => actual !== null)
  return {
    compared: compared.length,
    error: mean(misses.map(Math.abs)),
    bias: mean(misses),
    inBand: mean(compared.map((one) => (isMiss(one) ? 0 : 1))),
  }
}

function operatorFigures(runs: readonly RunTold[]): RunFigures['operator'] {
  // A plan whose audit is not there says nothing of how little work it was.
  const times = runs.filter(({ facts }) => facts.length > 0).map(({ facts }) => operatorTime(facts))
  const sum = (of: 'acts' | 'sittings') => times.reduce((total, one) => total + one[of], 0)
  return {
    minutesPerPlan: mean(times.map(({ minutes }) => minutes)),
    plans: times.length,
    acts: sum('acts'),
    sittings: sum('sittings'),
  }
}

function gateFigures(runs: readonly RunTold[]): RunFigures['gates'] {
  const minutes = runs.flatMap(({ facts }) =>
    gateWaits(facts).flatMap(({ sinceMs, untilMs }) =>
      untilMs === null ? [] : [(untilMs - sinceMs) / 60_000],
    ),
  )
  const longestMinutes = minutes.length === 0 ? null : Math.max(...minutes)
  return { answered: minutes.length, meanMinutes: mean(minutes), longestMinutes }
}

function mean(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
