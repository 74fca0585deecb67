import type { RehearsalReport } from '../domain/rehearsal.ts'
import type { PlanView, ReportView } from '../messages/api.ts'
import { CliError } from './cli-error.ts'
import type { Client } from './client.ts'
import { type CliIo, EXIT } from './io.ts'

const POLL_MS = 100
const REHEARSAL_MAX_MS = 10 * 60_000
const REPORT_MAX_MS = 2 * 60_000

/** Waits until a plan's rehearsal has said something. */
export async function waitForRehearsal(
  client: Client,
  io: CliIo,
  planId: string,
): Promise<PlanView & { readonly rehearsal: RehearsalReport }> {
  const untilMs = io.nowMs() + REHEARSAL_MAX_MS
  while (io.nowMs() < untilMs && !io.leaving.aborted) {
    const view = await client.plan(planId)
    const { rehearsal } = view
    if (rehearsal && rehearsal.status !== 'running') return { ...view, rehearsal }
    await io.pause(POLL_MS)
  }
  throw new CliError(
    `The rehearsal of ${planId} gave no answer; look at host.log in the state folder`,
    EXIT.dependency,
  )
}

/** The report as soon as the hours that it compares with are over on the host's clock, or as it stands by then. */
export async function settledReport(client: Client, io: CliIo, planId: string): Promise<ReportView> {
  const untilMs = io.nowMs() + REPORT_MAX_MS
  let report = await client.report(planId)
  while (!(report.shiftMs !== null && report.sameWeekday) && report.status === 'completed') {
    if (io.nowMs() >= untilMs || io.leaving.aborted) break
    await io.pause(POLL_MS)
    report = await client.report(planId)
  }
  return report
}
