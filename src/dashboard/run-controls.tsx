import { useState } from 'preact/hooks'
import type { Move, Plan } from '../domain/plan.ts'
import type { StatusView } from '../messages/api.ts'
import { count, instant, share } from './format.ts'
import { may } from './may.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { useSession } from './session-context.ts'

const HOUR_MS = 3_600_000
const HOURS_AT_FIRST = 24

type Control = 'skip' | 'extend' | 'end' | 'part'

const LABELS: Readonly<Record<Control, string>> = {
  skip: 'Skip a registry',
  extend: 'Extend observation',
  end: 'End observation',
  part: 'Roll back a part',
}

interface Props {
  readonly plan: Plan
  readonly status: StatusView
  readonly onChanged: () => void
}

/** Orders that say of what: a registry that stays, an observation that changes, a batch or phase that goes home. */
export function RunControls({ plan, status, onChanged }: Props) {
  const { principal } = useSession()
  const [asked, setAsked] = useState<Control | null>(null)
  const can = (action: StatusView['allowed'][number]) => status.allowed.includes(action)
  const shown: readonly Control[] = [
    ...(can('skip') && may(principal, 'skip') && skippable(plan, status).length > 1 ? ['skip' as const] : []),
    ...(can('extendObservation') && may(principal, 'extendObservation') ? ['extend' as const] : []),
    ...(can('extendObservation') && may(principal, 'endObservation') ? ['end' as const] : []),
    ...(can('rollback') && may(principal, 'rollback') && moved(status).length > 0 ? ['part' as const] : []),
  ]
  const close = () => setAsked(null)
  const dialog = {
    ...{ plan, status, onClose: close },
    onDone: () => {
      close()
      onChanged()
    },
  }
  if (shown.length === 0) return null
  return (
    <div class="orders">
      {shown.map((control) => (
        <button key={control} type="button" class="quiet" onClick={() => setAsked(control)}>
          {LABELS[control]}…
        </button>
      ))}
      {asked === 'skip' && <SkipDialog {...dialog} />}
      {(asked === 'extend' || asked === 'end') && <ObservationDialog {...dialog} set={asked} />}
      {asked === 'part' && <PartDialog {...dialog} />}
    </div>
  )
}

interface DialogProps {
  readonly plan: Plan
  readonly status: StatusView
  readonly onClose: () => void
  readonly onDone: () => void
}

function SkipDialog({ plan, status, onClose, onDone }: DialogProps) {
  const { client } = useSession()
  const moves = skippable(plan, status)
  const [registry, setRegistry] = useState(moves[0]?.registry ?? '')
  const move = moves.find((each) => each.registry === registry)
  return (
    <ReasonDialog
      title={LABELS.skip}
      confirm={`Skip ${registry}`}
      reason="required"
      send={(reason) => client.post(`/plans/${plan.id}/skip`, { registry, reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <label class="field">
        <span>Registry</span>
        <select value={registry} onChange={(event) => setRegistry(event.currentTarget.value)}>
          {moves.map((each) => (
            <option key={each.registry}>{each.registry}</option>
          ))}
        </select>
      </label>
      {move && (
        <p>
          It stays on {move.from}, with {share(move.share)} of the hot minutes there. Its batch {gateOf(move)}{' '}
          goes on without it.
        </p>
      )}
    </ReasonDialog>
  )
}

function ObservationDialog({ plan, status, set, onClose, onDone }: DialogProps & { set: 'extend' | 'end' }) {
  const { client } = useSession()
  const [hours, setHours] = useState(HOURS_AT_FIRST)
  const run = status.run?.status
  const body = (reason: string) => (set === 'extend' ? { set, hours, reason } : { set, reason })
  return (
    <ReasonDialog
      title={LABELS[set]}
      confirm={LABELS[set]}
      danger={set === 'end'}
      reason="required"
      send={(reason) => client.post(`/plans/${plan.id}/observation`, body(reason))}
      onClose={onClose}
      onDone={onDone}
    >
      {set === 'extend' && (
        <label class="field">
          <span>Hours</span>
          <input
            type="number"
            min="1"
            value={hours}
            onInput={(event) => setHours(Number(event.currentTarget.value))}
          />
        </label>
      )}
      {run?.kind === 'observing' && (
        <p>
          {set === 'extend'
            ? `${run.gate} is observed until ${instant(run.untilMs + hours * HOUR_MS)} UTC instead of ${instant(run.untilMs)}. Worse at any time still takes it home.`
            : `${run.gate} passes on what was seen so far, ${instant(run.untilMs)} UTC would have been its end. ${status.lastEvaluation?.words ?? 'Nothing was seen yet.'}`}
        </p>
      )}
    </ReasonDialog>
  )
}

/** A batch or a phase, as the command line names it. */
type Part = { readonly gate: string } | { readonly phase: string }

function PartDialog({ plan, status, onClose, onDone }: DialogProps) {
  const { client } = useSession()
  const gates = moved(status).map(({ gate }) => gate)
  const phases = [...new Set(moved(status).map(({ phase }) => phase))]
  const [chosen, setChosen] = useState(gates.at(-1) ?? '')
  const isPhase = phases.some((phase) => phase === chosen)
  const part: Part = isPhase ? { phase: chosen } : { gate: chosen }
  const going = moved(status).filter(({ gate, phase }) => gate === chosen || phase === chosen)
  const moves = going.reduce((sum, { movesDone }) => sum + movesDone, 0)
  return (
    <ReasonDialog
      title={LABELS.part}
      confirm={`Roll back ${chosen}`}
      danger
      reason="required"
      send={(reason) => client.post(`/plans/${plan.id}/rollback`, { ...part, reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <label class="field">
        <span>Batch or phase</span>
        <select value={chosen} onChange={(event) => setChosen(event.currentTarget.value)}>
          {gates.map((gate) => (
            <option key={gate}>{gate}</option>
          ))}
          {phases.map((phase) => (
            <option key={phase} value={phase}>
              all of {phase}
            </option>
          ))}
        </select>
      </label>
      <p>
        {count(moves, 'registry goes', 'registries go')} back to where {moves === 1 ? 'it' : 'they'} came
        from, last one first. Then the run holds; resumed, it asks for {going[0]?.gate} anew.
      </p>
    </ReasonDialog>
  )
}

/** What has moved, in the order in which it did. */
function moved({ batches }: StatusView) {
  return batches.filter(({ movesDone }) => movesDone > 0)
}

function gateOf({ phase, batch }: Move): string {
  return `${phase}-${batch}`
}

/** Registries of batches that have not begun to move, but for those that are skipped already. */
function skippable(plan: Plan, status: StatusView): Move[] {
  const open = status.batches
    .filter(({ state }) => state === 'waiting' || state === 'approved')
    .map(({ gate }) => String(gate))
  const skipped = new Set<string>(status.orders?.skips?.map(({ registry }) => registry))
  return plan.moves.filter((move) => open.includes(gateOf(move)) && !skipped.has(move.registry))
}
