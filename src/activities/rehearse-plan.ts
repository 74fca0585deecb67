import type { z } from 'zod'
import type { RehearsePlan } from '../messages/activities.ts'
import type { Ports } from '../ports/ports.ts'
import type { Rehearse } from '../ports/rehearsal.ts'
import { regionTelemetry } from '../queries/telemetry.ts'
import { RecordBusy, RecordMissing } from './record-faults.ts'

const TELEMETRY_HOURS = 24

/** Rehearses a plan against a twin of the region as telemetry shows it now, and keeps the report with the plan. */
export const createRehearsePlan =
  (ports: Ports, rehearse: Rehearse) =>
  async ({
    planId,
    digest,
  }: z.infer<typeof RehearsePlan.input>): Promise<z.infer<typeof RehearsePlan.output>> => {
    const plan = (await ports.records.read('plans', planId))?.value
    const stored = await ports.records.read('rehearsals', planId)
    if (plan?.digest !== digest || !stored)
      throw new RecordMissing(`plan ${planId} or its rehearsal is not on record`)
    const { status } = stored.value
    if (status !== 'running') return { status }

    const data = await regionTelemetry(ports, plan.region, TELEMETRY_HOURS)
    const outcome = await rehearse({ plan, ...data })
    const report = { ...outcome, planId, digest, atMs: ports.clock.nowMs() }
    const written = await ports.records.replace('rehearsals', planId, report, stored.etag)
    if (written === 'stale') throw new RecordBusy(`the rehearsal of ${planId} was written by somebody else`)
    return { status: outcome.status === 'passed' ? 'passed' : 'failed' }
  }
