import type { z } from 'zod'
import type { Forwarding, Leftover } from '../domain/forwarding.ts'
import { leftWords } from '../domain/left-words.ts'
import type { Plan } from '../domain/plan.ts'
import { durationMs } from '../domain/policy.ts'
import { quietForMs } from '../domain/quiet.ts'
import type { MoveRecord } from '../domain/run.ts'
import type { CheckDrain } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import type { Residue } from '../ports/traffic.ts'
import { logStep } from './amend-move.ts'
import { isDone, openMove, STAGES } from './move-log.ts'

/**
 * Looks whether traffic has left the old home: no request for the move's quiet time, nothing in flight, no open upload. At
 * the deadline the old home goes on serving what is left: a forwarding with an owner and an expiry. Both times are the
 * plan's, whatever the caller thinks.
 */
export const createCheckDrain =
  (ports: Pick<Ports, 'records' | 'clock' | 'catalog' | 'traffic'>) =>
  async (step: z.infer<typeof CheckDrain.input>): Promise<z.infer<typeof CheckDrain.output>> => {
    const opened = await openMove(ports, step, STAGES.drain)
    if (opened.kind !== 'open') return { kind: 'refused', reason: opened.reason }
    const { move, plan } = opened
    const { from, key } = move
    if (isDone(move, 'drain')) return { kind: 'drained', detail: 'it was drained before' }
    const routed = move.steps.find((each) => each.step === 'route' && each.kind === 'done')
    if (!routed) return { kind: 'refused', reason: `${step.replica} was not routed away from ${from} yet` }

    const residue = await ports.traffic.residue(step.replica, from)
    const now = ports.clock.nowMs()
    const quietMs = quietMsOf(move, plan)
    if (isQuiet(residue, { quietMs, sinceMs: routed.atMs, nowMs: now })) {
      const detail = `${from} has had no request for ${sinceWords(residue, now)}, longer than ${Math.round(quietMs / 1000)} s`
      await logStep(ports, key, { step: 'drain', kind: 'done', detail })
      return { kind: 'drained', detail }
    }
    const left = leftoverOf(residue)
    const deadlineMs = routed.atMs + (durationMs(plan.policy.drainDeadline) ?? 0)
    if (now < deadlineMs)
      return { kind: 'draining', detail: `${leftWords(left)} on ${from}${knownWords(residue)}` }

    const { owner, expiresAtMs } = await forward(ports, plan, move, { left, quietMs })
    const until = new Date(expiresAtMs).toISOString()
    const detail = `deadline: ${leftWords(left)}; ${from} goes on serving them until ${until}, owner ${owner}`
    await logStep(ports, key, { step: 'drain', kind: 'done', detail })
    return { kind: 'drained', detail }
  }

/** A move that began under an earlier version did not note its quiet time: then the longest counts. */
function quietMsOf({ drain }: MoveRecord, { policy }: Plan): number {
  if (drain) return drain.quietMs
  const gapMaxMs = durationMs(policy.drainQuietMax) ?? 0
  return quietForMs({ ttlSeconds: 0, gapP99Ms: null, gapMaxMs })
}

/**
 * Whether a stamp has nothing left of a replica that was led away from it at `sinceMs`. Quiet counts to where telemetry ends, and
 * telemetry that ends before the replica was led away tells nothing.
 */
export function isQuiet(
  residue: Residue,
  { quietMs, sinceMs, nowMs }: { readonly quietMs: number; readonly sinceMs: number; readonly nowMs: number },
): boolean {
  const { lastRequestAtMs, inFlight, openUploads } = residue
  const untilMs = knownUntilMs(residue, nowMs)
  const isOpen = inFlight > 0 || openUploads > 0
  return !isOpen && untilMs >= sinceMs && (lastRequestAtMs === null || untilMs - lastRequestAtMs >= quietMs)
}

function knownWords({ knownUntilMs: untilMs }: Residue): string {
  return untilMs === undefined ? '' : `, known until ${new Date(untilMs).toISOString()}`
}

function knownUntilMs(residue: Residue, nowMs: number): number {
  return Math.min(nowMs, residue.knownUntilMs ?? nowMs)
}

export function leftoverOf({ inFlight, openUploads, stragglers }: Residue): Leftover {
  return { inFlight, openUploads, stragglers: stragglers.map(({ id }) => id) }
}

function sinceWords(residue: Residue, nowMs: number): string {
  const { lastRequestAtMs } = residue
  return lastRequestAtMs === null
    ? 'as long as is known'
    : `${Math.round((knownUntilMs(residue, nowMs) - lastRequestAtMs) / 1000)} s`
}

/** Writes down that the old home goes on serving; a repeat finds it. Whoever started the run owns it. */
async function forward(
  { records, clock }: Pick<Ports, 'records' | 'clock'>,
  plan: Plan,
  move: MoveRecord,
  seen: Pick<Forwarding, 'left' | 'quietMs'>,
): Promise<Forwarding> {
  const { planId, replica, key, from, to } = move
  const sinceMs = clock.nowMs()
  const forwarding: Forwarding = {
    ...{ planId, replica, key, from, to, sinceMs, ...seen },
    owner: (await records.read('runs', planId))?.value.startedBy ?? plan.requestedBy,
    expiresAtMs: sinceMs + (durationMs(plan.policy.forwardFor) ?? 0),
    ended: null,
  }
  await records.create('forwardings', key, forwarding)
  return (await records.read('forwardings', key))?.value ?? forwarding
}
