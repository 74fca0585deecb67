import { useState } from 'preact/hooks'
import type { Plan } from '../domain/plan.ts'
import type { StatusView } from '../messages/api.ts'
import { DecisionDialog } from './decision-dialog.tsx'
import { count, shortDigest } from './format.ts'
import { may } from './may.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { useSession } from './session-context.ts'
import { ORDERS, type OrderName } from './words.ts'

interface Props {
  readonly plan: Plan
  readonly status: StatusView
  readonly onChanged: () => void
}

type Asked = 'approve' | 'reject' | 'start' | OrderName

const ORDER_NAMES = ['resume', 'hold', 'rollback', 'abort'] as const

/** The buttons that make sense now for whoever looks, and the dialog of the one that was pressed. */
export function Orders({ plan, status, onChanged }: Props) {
  const { principal } = useSession()
  const [asked, setAsked] = useState<Asked | null>(null)
  const can = (action: StatusView['allowed'][number]) =>
    status.allowed.includes(action) && may(principal, action)
  const decide = can('decide')
  const orders = ORDER_NAMES.filter(can)
  const close = () => setAsked(null)
  const done = () => {
    close()
    onChanged()
  }
  return (
    <>
      {(decide || orders.length > 0 || can('start')) && (
        <div class="orders">
          {can('start') && (
            <button type="button" class="primary" onClick={() => setAsked('start')}>
              Start…
            </button>
          )}
          {decide && (
            <>
              <button type="button" class="primary" onClick={() => setAsked('approve')}>
                Approve…
              </button>
              <button type="button" onClick={() => setAsked('reject')}>
                Reject…
              </button>
            </>
          )}
          {(decide || can('start')) && <span class="orders-gap" />}
          {orders.map((order) => (
            <button
              key={order}
              type="button"
              class={ORDERS[order].danger ? 'danger' : ''}
              onClick={() => setAsked(order)}
            >
              {ORDERS[order].label}…
            </button>
          ))}
        </div>
      )}
      {status.allowed.length > 0 && !decide && orders.length === 0 && !can('start') && (
        <p class="muted orders">
          You look as {principal.roles.join(', ') || 'nobody'} and can’t change this run.
        </p>
      )}
      {(asked === 'approve' || asked === 'reject') && (
        <DecisionDialog plan={plan} status={status} answer={asked} onClose={close} onDone={done} />
      )}
      {asked === 'start' && <StartDialog plan={plan} onClose={close} onDone={done} />}
      {asked !== null && asked !== 'approve' && asked !== 'reject' && asked !== 'start' && (
        <OrderDialog plan={plan} order={asked} onClose={close} onDone={done} />
      )}
    </>
  )
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
