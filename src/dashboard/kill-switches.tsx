import { useState } from 'preact/hooks'
import type { Switch } from '../domain/switches.ts'
import type { SwitchList } from '../messages/api.ts'
import { count, instant } from './format.ts'
import { may } from './may.ts'
import { usePolled } from './polled.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'

const SWITCHES_EVERY_MS = 4_000
const EVERYTHING = '*'

type Setting = Switch['setting']

const SETTINGS: Readonly<Record<Setting, { label: string; does: string }>> = {
  noNewMoves: {
    label: 'No new moves',
    does: 'Nothing new starts to move. Moves under way, their drains and every way back finish.',
  },
  freeze: {
    label: 'Freeze',
    does: 'No effect at all: moves under way stand still where they are, and no way back goes on either.',
  },
  off: {
    label: 'Lift',
    does: 'What may move goes on by itself, after its limits are checked on fresh data.',
  },
}

interface Asked {
  readonly scope: string
  readonly setting: Setting
}

/** The kill switch of everything and that of each region: what is on, who turned it and why, and the buttons that turn it. */
export function KillSwitches({
  regions,
  underWay,
}: {
  regions: readonly string[]
  /** How many plans are under way, by region. */
  underWay: ReadonlyMap<string, number>
}) {
  const { client, principal } = useSession()
  const polled = usePolled<SwitchList>('switches', () => client.get('/switches'), SWITCHES_EVERY_MS)
  const [asked, setAsked] = useState<Asked | null>(null)
  const close = () => setAsked(null)
  const done = () => {
    close()
    polled.refresh()
  }
  const stateOf = (scope: string) => polled.data?.switches.find((one) => one.scope === scope)
  return (
    <section class="panel" aria-labelledby="switches">
      <h2 id="switches">Kill switches</h2>
      <ul class="switches">
        {[EVERYTHING, ...regions].map((scope) => (
          <li key={scope}>
            <ScopeState scope={scope} found={stateOf(scope)} known={polled.data !== null} />
            {may(principal, 'switch') && (
              <ScopeButtons scope={scope} setting={stateOf(scope)?.setting ?? 'off'} onAsked={setAsked} />
            )}
          </li>
        ))}
      </ul>
      {asked && <SwitchDialog asked={asked} underWay={underWay} onClose={close} onDone={done} />}
    </section>
  )
}

function nameOf(scope: string): string {
  return scope === EVERYTHING ? 'everything' : scope
}

function ScopeState({ scope, found, known }: { scope: string; found: Switch | undefined; known: boolean }) {
  if (!known) return <Tagged tone="unknown">{nameOf(scope)}: not known</Tagged>
  if (!found || found.setting === 'off') return <Tagged tone="cool">{nameOf(scope)}: off</Tagged>
  return (
    <Tagged tone="held">
      {nameOf(scope)}: {SETTINGS[found.setting].label.toLowerCase()}, by {found.by} at {instant(found.atMs)}:{' '}
      {found.reason}
    </Tagged>
  )
}

interface ScopeProps {
  readonly scope: string
  readonly setting: Setting
  readonly onAsked: (asked: Asked) => void
}

function ScopeButtons({ scope, setting, onAsked }: ScopeProps) {
  const others = (['noNewMoves', 'freeze', 'off'] as const).filter((one) => one !== setting)
  return (
    <>
      {others.map((one) => (
        <button
          key={one}
          type="button"
          class="quiet"
          aria-label={`${SETTINGS[one].label} ${nameOf(scope)}`}
          onClick={() => onAsked({ scope, setting: one })}
        >
          {SETTINGS[one].label}…
        </button>
      ))}
    </>
  )
}

interface DialogProps {
  readonly asked: Asked
  readonly underWay: ReadonlyMap<string, number>
  readonly onClose: () => void
  readonly onDone: () => void
}

function SwitchDialog({ asked, underWay, onClose, onDone }: DialogProps) {
  const { client } = useSession()
  const { scope, setting } = asked
  const { label, does } = SETTINGS[setting]
  const runs =
    scope === EVERYTHING
      ? [...underWay.values()].reduce((sum, each) => sum + each, 0)
      : (underWay.get(scope) ?? 0)
  return (
    <ReasonDialog
      title={`${label}: ${nameOf(scope)}`}
      confirm={label}
      danger={setting === 'freeze'}
      reason="required"
      send={(reason) => client.post('/switches', { scope, setting, reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <p>
        {does} It concerns {count(runs, 'plan under way', 'plans under way')}.
        {setting === 'off' ? '' : ' Only a person lifts it.'}
      </p>
    </ReasonDialog>
  )
}
