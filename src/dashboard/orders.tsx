import { useState } from 'preact/hooks'
import type { Plan } from '../domain/plan.ts'
import type { PlanView, StatusView } from '../messages/api.ts'
import { DecisionDialog } from './decision-dialog.tsx'
import { count, shortDigest } from './format.ts'
import { may } from './may.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { isAsked, ORDERS, type OrderName, openGates } from './words.ts'

interface Props {
  readonly view: PlanView
  readonly status: StatusView
  readonly onChanged: () => void
}

type Asked = 'approve' | 'reject' | 'start' | OrderName

const ORDER_NAMES = ['resume', 'hold', 'rollback', 'abort'] as const

/** The buttons that make sense now for whoever looks, and the dialog of the one that was pressed. */
export function Orders({ view, status, onChanged }: Props) {
  const [asked, setAsked] = useState<Asked | null>(null)
  const { plan } = view
  const close = () => setAsked(null)
  const done = () => {
    close()
    onChanged()
  }
  const dialog = { plan, onClose: close, onDone: done }
  return (
    <>
      <Buttons view={view} status={status} onAsked={setAsked} />
      {(asked === 'approve' || asked === 'reject') && (
        <DecisionDialog {...dialog} status={status} answer={asked} />
      )}
      {asked === 'start' && <StartDialog {...dialog} />}
      {asked !== null && asked !== 'approve' && asked !== 'reject' && asked !== 'start' && (
        <OrderDialog {...dialog} order={asked} />
      )}
    </>
  )
}

interface ButtonsProps {
  readonly view: PlanView
  readonly status: StatusView
  readonly onAsked: (asked: Asked) => void
}

function Buttons({ view, status, onAsked }: ButtonsProps) {
  const { principal } = useSession()
  const can = (action: StatusView['allowed'][number]) =>
    status.allowed.includes(action) && may(principal, action)
  const start = can('start')
  const decide = can('decide') && openGates(status).length > 0
  const orders = ORDER_NAMES.filter(can)
  if (!start && !decide && orders.length === 0) {
    if (status.allowed.length === 0) return null
    return (
      <p class="muted">You look as {principal.roles.join(', ') || 'nobody'} and can’t change this run.</p>
    )
  }
  return (
    <div class="orders">
      {start && <StartButton rehearsal={view.rehearsal} onStart={() => onAsked('start')} />}
      {decide && <AnswerButtons ahead={!isAsked(status)} onAsked={onAsked} />}
      {(start || decide) && <span class="orders-gap" />}
      {orders.map((order) => (
        <button
          key={order}
          type="button"
          class={ORDERS[order].danger ? 'danger' : ''}
          onClick={() => onAsked(order)}
        >
          {ORDERS[order].label}…
        </button>
      ))}
    </div>
  )
}

/** Before the run asks, a yes can be given ahead; that is no first choice, so it doesn't look like one. */
function AnswerButtons({ ahead, onAsked }: { ahead: boolean; onAsked: (asked: Asked) => void }) {
  if (ahead) {
    return (
      <button type="button" onClick={() => onAsked('approve')}>
        Approve ahead…
      </button>
    )
  }
  return (
    <>
      <button type="button" class="primary" onClick={() => onAsked('approve')}>
        Approve…
      </button>
      <button type="button" onClick={() => onAsked('reject')}>
        Reject…
      </button>
    </>
  )
}

function StartButton({ rehearsal, onStart }: { rehearsal: PlanView['rehearsal']; onStart: () => void }) {
  if (rehearsal?.status === 'passed') {
    return (
      <button type="button" class="primary" onClick={onStart}>
        Start…
      </button>
    )
  }
  if (rehearsal?.status === 'running') {
    return <Tagged tone="works">It can start once its rehearsal has passed; that takes moments.</Tagged>
  }
  return <Tagged tone="held">It can’t start, since it has passed no rehearsal. Make a new plan.</Tagged>
}

interface DialogProps {
  readonly plan: Plan
  readonly onClose: () => void
  readonly onDone: () => void
}

function StartDialog({ plan, onClose, onDone }: DialogProps) {
  const { client } = useSession()
  return (
    <ReasonDialog
      title={`Start ${plan.id}`}
      confirm="Start"
      reason="none"
      send={() => client.post(`/plans/${plan.id}/start`, { digest: plan.digest })}
      onClose={onClose}
      onDone={onDone}
    >
      <p>
        The run begins and stops at its first gate. Nothing moves before somebody else than {plan.requestedBy}{' '}
        approves it. {count(plan.moves.length, 'registry', 'registries')} in all.
      </p>
      <p class="muted">
        Digest <span class="id">{shortDigest(plan.digest)}</span>
      </p>
    </ReasonDialog>
  )
}

function OrderDialog({ plan, order, onClose, onDone }: DialogProps & { readonly order: OrderName }) {
  const { client } = useSession()
  const { label, does, danger } = ORDERS[order]
  return (
    <ReasonDialog
      title={`${label} ${plan.id}`}
      confirm={label}
      danger={danger}
      reason="required"
      send={(reason) => client.post(`/plans/${plan.id}/${order}`, { reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <p>{does}</p>
    </ReasonDialog>
  )
}
