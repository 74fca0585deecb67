import { useEffect } from 'preact/hooks'
import type { PlanView as PlanAndStatus, StatusView } from '../messages/api.ts'
import { instant, shortDigest } from './format.ts'
import { gateWork, workGates } from './gate-work.ts'
import { MovesTable } from './moves-table.tsx'
import { ConnectionNotice, Loading, Refusal } from './notice.tsx'
import { Outlook } from './outlook.tsx'
import { type Polled, usePolled } from './polled.ts'
import { Rehearsal } from './rehearsal.tsx'
import { auditHref, reportHref } from './route.ts'
import { RunPanel } from './run-panel.tsx'
import { useSession } from './session-context.ts'
import { Timeline } from './timeline.tsx'
import { PLAN_VERDICTS, runWords } from './words.ts'

const STATUS_EVERY_MS = 1_000
const REHEARSAL_EVERY_MS = 2_000

/** One plan: what it would do and why, and how far its run has got. */
export function PlanView({ id }: { id: string }) {
  const { client } = useSession()
  const path = `/plans/${encodeURIComponent(id)}`
  const status = usePolled<StatusView>(`status ${id}`, () => client.get(`${path}/status`), STATUS_EVERY_MS)
  const whole = usePolled<PlanAndStatus>(`plan ${id}`, () => client.get(path), null)
  const { data } = whole
  const rehearsing = data?.rehearsal?.status === 'running'
  useRefreshed(whole, rehearsing)
  const latest = status.data ?? data?.status
  const words = latest?.run ? runWords(latest.run.status).words : 'Plan'
  useEffect(() => {
    document.title = `${words} · ${id} · Restamp`
  }, [words, id])
  if (!data || !latest) return <Loading what="the plan" polled={whole} />
  return (
    <>
      <ConnectionNotice polled={status} />
      {status.refused && <Refusal problem={status.refused} />}
      <PlanHead view={data} started={latest.run !== null} />
      <RunPanel view={data} status={latest} onChanged={status.refresh} />
      <Timeline plan={data.plan} status={latest} />
      <div class="plan-columns">
        <Outlook pools={data.plan.pools} policy={data.plan.policy} />
        <Rehearsal report={data.rehearsal} />
      </div>
      <MovesTable
        moves={data.plan.moves}
        blocked={data.plan.blocked}
        work={gateWork(data.plan, workGates(data.plan))}
      />
    </>
  )
}

/** A plan never changes, so it is asked for again only until its rehearsal is there. */
function useRefreshed(whole: Polled<unknown>, rehearsing: boolean): void {
  // `refresh` is new with each drawing and does the same.
  useEffect(() => {
    if (!rehearsing) return
    const timer = setInterval(whole.refresh, REHEARSAL_EVERY_MS)
    return () => clearInterval(timer)
  }, [rehearsing])
}

function PlanHead({ view, started }: { view: PlanAndStatus; started: boolean }) {
  const { plan } = view
  return (
    <div class="plan-head">
      <div>
        <h1>
          {PLAN_VERDICTS[plan.verdict]} {plan.customer ?? ''} <span class="muted">in {plan.region}</span>
        </h1>
        <p class="plan-reason">{plan.reason}</p>
        <p class="muted">
          <span class="id">{plan.id}</span> · asked for by {plan.requestedBy}, {instant(plan.madeAtMs)} UTC ·
          digest{' '}
          <span class="id" title={plan.digest}>
            {shortDigest(plan.digest)}
          </span>{' '}
          · <a href={auditHref(plan.id)}>audit</a>
        </p>
      </div>
      {started && (
        <a class="button" href={reportHref(plan.id)}>
          Report
        </a>
      )}
    </div>
  )
}
