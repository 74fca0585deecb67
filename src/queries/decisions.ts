import { answerTo, approversMin, type GateAnswer, type GateQuestion } from '../domain/approval.ts'
import { batchesOf, type Plan } from '../domain/plan.ts'
import type { Decision } from '../domain/run.ts'
import type { Ports } from '../ports/ports.ts'
import { everyValue } from '../ports/records.ts'
import { autonomyBrokenMs } from './autonomy.ts'

/** A gate's answers in the order in which they were written. */
export async function decisionsOn(
  { records }: Pick<Ports, 'records'>,
  planId: string,
  gate: string,
): Promise<readonly Decision[]> {
  return everyValue(records, 'decisions', `${planId}/${gate}/`)
}

/** When a gate's batch was last judged worse, or taken home by order; answers from before that are answers to another question. */
export async function lastWorseMs(
  ports: Pick<Ports, 'records'>,
  planId: string,
  gate: string,
): Promise<number> {
  const worse = (await evaluationsOf(ports, planId, gate)).filter((seen) => seen.verdict === 'worse')
  // What people took home by order is asked for anew as well.
  const undone = (await ports.records.read('controls', planId))?.value.undone ?? []
  const home = undone.filter(({ gates }) => gates.some((each) => each === gate))
  return Math.max(0, ...worse.map((seen) => seen.atMs), ...home.map(({ doneMs }) => doneMs))
}

/** What a gate of a plan asks now. Answers up to `askedMs` count no more. */
export async function questionOf(
  ports: Pick<Ports, 'records' | 'clock'>,
  plan: Plan,
  { gate, askedMs = 0 }: { readonly gate: string; readonly askedMs?: number },
): Promise<GateQuestion> {
  const phase = batchesOf(plan).find((batch) => batch.gate === gate)?.phase ?? 'top'
  return {
    gate,
    digest: plan.digest,
    requestedBy: plan.requestedBy,
    voidUntilMs: Math.max(askedMs, await lastWorseMs(ports, plan.id, gate)),
    nowMs: ports.clock.nowMs(),
    approversMin: approversMin(plan.policy, phase),
    autonomyBrokenMs: await autonomyBrokenMs(ports, plan),
  }
}

/** What the answers on record to a gate come to now. */
export async function answerOn(
  ports: Pick<Ports, 'records' | 'clock'>,
  plan: Plan,
  ask: { readonly gate: string; readonly askedMs?: number },
): Promise<GateAnswer> {
  const question = await questionOf(ports, plan, ask)
  return answerTo(await decisionsOn(ports, plan.id, ask.gate), question)
}

export function evaluationsOf({ records }: Pick<Ports, 'records'>, planId: string, gate: string) {
  return everyValue(records, 'evaluations', `${planId}/${gate}/`)
}
