import type { PhaseName, Plan } from '../domain/plan.ts'
import type { BatchView } from '../messages/api.ts'
import { count, isoSpan } from './format.ts'
import { Shape } from './shape.tsx'
import { BATCH_STATES } from './words.ts'

const PHASES: Readonly<Record<PhaseName, string>> = {
  tail: 'Tail',
  medium: 'Medium',
  top: 'Top talkers',
}

/** The phases in their order, each batch with its state and how many of it have moved. */
export function Timeline({ plan, batches }: { plan: Plan; batches: readonly BatchView[] }) {
  if (batches.length === 0) return null
  return (
    <section class="panel" aria-labelledby="phases">
      <h2 id="phases">Phases</h2>
      <ol class="phases">
        {plan.phases.map((phase) => {
          const own = batches.filter((batch) => batch.phase === phase.name)
          return (
            <li key={phase.name} class="phase">
              <h3>
                {PHASES[phase.name]}{' '}
                <span class="muted">
                  {count(own.length, 'batch', 'batches')} · {isoSpan(phase.observation)} observed after each
                </span>
              </h3>
              <ol class="batches">
                {own.map((batch) => (
                  <BatchTile key={batch.gate} batch={batch} />
                ))}
              </ol>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

function BatchTile({ batch }: { batch: BatchView }) {
  const { tone, word } = BATCH_STATES[batch.state]
  return (
    <li class={`batch batch-${batch.state}`} aria-current={tone === 'works' ? 'step' : undefined}>
      <span class="batch-gate">
        <Shape tone={tone} /> {batch.gate}
      </span>
      <span class="batch-state">{word}</span>
      <span class="figure">
        {batch.movesDone}/{batch.registries}
      </span>
      <span class="muted small">{batch.decidedBy ? `by ${batch.decidedBy}` : 'no answer yet'}</span>
    </li>
  )
}
