import type { Principal } from '../domain/principal.ts'
import type { StatusView } from '../messages/api.ts'
import type { PlanLine } from './actions.ts'
import { may } from './may.ts'
import { fleetHref, planHref, reportHref } from './route.ts'
import { endedAt, runWords } from './words.ts'

/** One step of a first run, and whether it is behind, before or under whoever looks. */
export interface GuideStep {
  readonly title: string
  readonly words: string
  readonly href: string | null
  readonly state: 'done' | 'now' | 'later'
}

interface Seen {
  readonly principal: Principal
  /** The newest plan; undefined where none was made yet. */
  readonly plan: PlanLine | undefined
  readonly status: StatusView | undefined
}

/** The way from what is hot to the report, with the step that a first run is at. */
export function guideSteps(seen: Seen): readonly GuideStep[] {
  const at = stepAt(seen)
  return stepsOf(seen).map((step, index) => ({
    ...step,
    state: index < at ? 'done' : index === at ? 'now' : 'later',
  }))
}

function stepAt({ plan, status }: Seen): number {
  if (!plan) return 0
  const run = status?.run?.status
  if (!run) return 1
  if (run.kind === 'awaitingApproval') return 2
  return endedAt(run) === null ? 3 : 4
}

function stepsOf({ principal, plan, status }: Seen): readonly Omit<GuideStep, 'state'>[] {
  const run = status?.run?.status
  const gate = run?.kind === 'awaitingApproval' ? run.gate : null
  const href = plan ? planHref(plan.id) : null
  return [
    {
      title: 'See what is hot',
      words: 'Who heats which stamp, and by how much. Make a plan for whoever needs it.',
      href: fleetHref(),
    },
    {
      title: 'Read the plan and start it',
      words: 'Which registries move where, in which phases, and how its rehearsal went.',
      href,
    },
    {
      title: gate ? `Approve ${gate}` : 'Approve each batch',
      words: plan ? approvalWords(principal, plan) : 'Nothing moves before a person has approved it.',
      href,
    },
    {
      title: 'Watch it',
      words: run && !gate ? `${runWords(run).words}.` : 'What was moved is observed; worse means back.',
      href,
    },
    {
      title: 'Read the report',
      words: 'Hot-node P95 before and after, against what was predicted.',
      href: plan ? reportHref(plan.id) : null,
    },
  ]
}

/** Whoever asked for a plan, or is no approver, needs somebody else: here, the other link of the start. */
function approvalWords(principal: Principal, plan: PlanLine): string {
  const isRequester = principal.name.toLowerCase() === plan.requestedBy.toLowerCase()
  if (!isRequester && may(principal, 'decide'))
    return 'Look at the evidence, say why, and let the batch go. The next one asks again.'
  const why = isRequester ? 'You asked for this plan' : 'You are no approver'
  return `${why}, so somebody else approves: open the approver’s link that the start printed.`
}
