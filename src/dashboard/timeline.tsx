import type { PhaseName, Plan } from '../domain/plan.ts'
import type { BatchView, StatusView } from '../messages/api.ts'
import { count, isoSpan } from './format.ts'
import { Shape } from './shape.tsx'
import { BATCH_STATES, type Tone } from './words.ts'

const PHASES: Readonly<Record<PhaseName, string>> = {
  provision: 'New stamp',
  tail: 'Tail',
  medium: 'Medium',
  top: 'Top talkers',
  'right-size': 'Right-size',
}

/** The phases in their order, each batch with its state and how many of it have moved. */
export function Timeline({ plan, status }: { plan: Plan; status: StatusView }) {
  const { batches, run } = status
  const waiting = run?.status.kind === 'awaitingApproval' ? run.status.gate : null
  const held = run?.status.kind === 'held' ? run.status.gate : null
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
                  <BatchTile key={batch.gate} batch={batch} look={lookOf(batch, waiting, held)} />
                ))}
              </ol>
            </li>
          )
        })}
      </ol>
    </section>
  )
}

interface Look {
  readonly tone: Tone
  readonly word: string
  readonly here: boolean
}

/** How a batch looks: by its state, or by what the run waits for where that is this batch. */
function lookOf(batch: BatchView, waiting: string | null, held: string | null): Look {
  if (batch.gate === waiting) return { tone: 'waits', word: 'needs an answer', here: true }
  if (batch.gate === held) return { tone: 'held', word: 'held', here: true }
  const { tone, word } = BATCH_STATES[batch.state]
  return { tone, word, here: tone === 'works' }
}

function BatchTile({ batch, look }: { batch: BatchView; look: Look }) {
  const { tone, word, here } = look
  return (
    <li
      class={here ? `batch batch-here batch-${tone}` : `batch batch-${tone}`}
      aria-current={here ? 'step' : undefined}
    >
      <span class="batch-gate">
        <Shape tone={tone} /> {batch.gate}
      </span>
      <span class="figure">
        {batch.movesDone}/{batch.registries}
      </span>
      <span class="batch-state small">
        {word}
        {batch.decidedBy && <span class="muted"> by {batch.decidedBy}</span>}
        {!batch.decidedBy && batch.approvedBy.length > 0 && (
          <span class="muted">
            {' '}
            {batch.approvedBy.length} of {batch.approversNeeded} approvals
          </span>
        )}
      </span>
    </li>
  )
}
