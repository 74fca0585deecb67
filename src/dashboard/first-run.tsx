import { useState } from 'preact/hooks'
import type { ClockSpeed } from '../domain/clock-speed.ts'
import type { PlanList, StatusView } from '../messages/api.ts'
import type { Answer } from './client.ts'
import { type GuideStep, guideSteps } from './guide.ts'
import { may } from './may.ts'
import { usePolled } from './polled.ts'
import { useSession } from './session-context.ts'
import { Shape } from './shape.tsx'

const PLANS_EVERY_MS = 4_000
const STATUS_EVERY_MS = 2_000
const FOLDED = 'restamp-guide-folded'

/** Over a simulated region only: that nothing here is real, where a first run is, and how fast time passes. */
export function FirstRun({ speed, onChanged }: { speed: ClockSpeed; onChanged: () => void }) {
  const { client, principal } = useSession()
  const plans = usePolled<PlanList>('plans', () => client.get('/plans'), PLANS_EVERY_MS)
  const plan = plans.data?.plans[0]
  const status = usePolled<StatusView | null>(
    `status ${plan?.id}`,
    () => (plan ? client.get(`/plans/${plan.id}/status`) : Promise.resolve({ kind: 'ok', body: null })),
    STATUS_EVERY_MS,
  )
  const steps = guideSteps({ principal, plan, status: status.data ?? undefined })
  const at = steps.findIndex(({ state }) => state === 'now')
  const [isOpen] = useState(() => localStorage.getItem(FOLDED) === null)
  return (
    <aside class="guide no-print" aria-label="First run">
      <SpeedChoice speed={speed} onChanged={onChanged} />
      <details open={isOpen} onToggle={(event) => remember(event.currentTarget.open)}>
        <summary>
          <strong>Simulated region</strong>: no real tenant is touched. First run, step {at + 1} of{' '}
          {steps.length}: {steps[at]?.title.toLowerCase()}
        </summary>
        <ol class="guide-steps">
          {steps.map((step) => (
            <StepCard key={step.title} step={step} />
          ))}
        </ol>
      </details>
    </aside>
  )
}

function remember(isOpen: boolean): void {
  if (isOpen) localStorage.removeItem(FOLDED)
  else localStorage.setItem(FOLDED, 'yes')
}

const STATES = {
  done: { tone: 'done', words: 'done' },
  now: { tone: 'works', words: 'now' },
  later: { tone: 'unknown', words: 'later' },
} as const

function StepCard({ step: { title, words, href, state } }: { step: GuideStep }) {
  const { tone, words: stateWords } = STATES[state]
  return (
    <li class={`guide-step guide-${state}`} aria-current={state === 'now' ? 'step' : undefined}>
      <p class="guide-title">
        <Shape tone={tone} />
        {href ? <a href={href}>{title}</a> : <span>{title}</span>}
        <span class="visually-hidden">, {stateWords}</span>
      </p>
      <p class="muted small">{words}</p>
    </li>
  )
}

const SPEEDS: readonly { readonly speed: ClockSpeed; readonly words: string }[] = [
  { speed: 'real', words: 'as everywhere' },
  { speed: { rate: 60 }, words: 'a minute a second' },
  { speed: { rate: 600 }, words: 'ten minutes a second' },
  { speed: { rate: 3_600 }, words: 'an hour a second' },
  { speed: 'skip', words: 'no waiting' },
]

/** How fast time passes while a run is under way; while a person is asked it passes as everywhere. */
function SpeedChoice({ speed, onChanged }: { speed: ClockSpeed; onChanged: () => void }) {
  const { client, principal } = useSession()
  const [answer, setAnswer] = useState<Answer<unknown> | null>(null)
  const now = JSON.stringify(speed)
  const choose = async (chosen: string) => {
    setAnswer(await client.post('/clock', { speed: JSON.parse(chosen) }))
    onChanged()
  }
  return (
    <div class="guide-speed">
      <label>
        While a run is under way, time passes{' '}
        <select
          value={now}
          disabled={!may(principal, 'clock')}
          onChange={(event) => choose(event.currentTarget.value)}
        >
          {speedsWith(speed).map(({ speed: each, words }) => (
            <option key={words} value={JSON.stringify(each)}>
              {words}
            </option>
          ))}
        </select>
      </label>
      {answer?.kind === 'refused' && <p role="alert">{answer.problem.detail}</p>}
      {answer?.kind === 'lost' && <p role="alert">No answer: {answer.words}</p>}
    </div>
  )
}

/** One that was chosen elsewhere is shown, too. */
function speedsWith(speed: ClockSpeed): typeof SPEEDS {
  const isKnown = SPEEDS.some((each) => JSON.stringify(each.speed) === JSON.stringify(speed))
  if (isKnown || typeof speed === 'string') return SPEEDS
  return [...SPEEDS, { speed, words: `${speed.rate.toLocaleString('en-GB')} times as fast` }]
}
