import { useEffect, useState } from 'preact/hooks'
import type { Incident, Standing } from '../domain/incident.ts'
import type { IncidentList } from '../messages/needs-api.ts'
import { count, instant } from './format.ts'
import { may } from './may.ts'
import { ConnectionNotice, Loading } from './notice.tsx'
import { usePolled } from './polled.ts'
import { ReasonDialog } from './reason-dialog.tsx'
import { planHref, stampHref } from './route.ts'
import { useSession } from './session-context.ts'
import { Tagged } from './shape.tsx'
import { RULES } from './words.ts'

const INCIDENTS_EVERY_MS = 5_000
const JOINED_SHOWN = 20

/** What needs action and what did, since when, what was joined, and who sees to it or what blocks that. */
export function IncidentsView() {
  const { client } = useSession()
  const [all, setAll] = useState(false)
  const [ending, setEnding] = useState<Incident | null>(null)
  const path = all ? '/incidents?all=1' : '/incidents'
  const list = usePolled<IncidentList>(`incidents ${all}`, () => client.get(path), INCIDENTS_EVERY_MS)
  useEffect(() => {
    document.title = 'Incidents · Restamp'
  }, [])
  return (
    <>
      <div class="plan-head">
        <h1>Incidents</h1>
        <label class="check">
          <input type="checkbox" checked={all} onChange={() => setAll(!all)} /> Those that are over, too
        </label>
      </div>
      <ConnectionNotice polled={list} />
      {list.data ? (
        <Listed incidents={list.data.incidents} all={all} onEnd={setEnding} />
      ) : (
        <Loading what="the incidents" polled={list} />
      )}
      {ending && (
        <EndDialog
          incident={ending}
          onClose={() => setEnding(null)}
          onDone={() => {
            setEnding(null)
            list.refresh()
          }}
        />
      )}
    </>
  )
}

interface ListedProps {
  readonly incidents: readonly Incident[]
  readonly all: boolean
  readonly onEnd: (incident: Incident) => void
}

function Listed({ incidents, all, onEnd }: ListedProps) {
  if (incidents.length === 0)
    return (
      <p>
        {all ? 'No incident is on record.' : 'No incident is open: no stamp that is known needs anything.'}
      </p>
    )
  return (
    <ul class="cards">
      {incidents.map((incident) => (
        <IncidentCard key={`${incident.region} ${incident.id}`} incident={incident} onEnd={onEnd} />
      ))}
    </ul>
  )
}

function IncidentCard({ incident, onEnd }: { incident: Incident; onEnd: (incident: Incident) => void }) {
  const { principal } = useSession()
  const { id, region, stamp, rule, openedAtMs, lastSeenAtMs, joined, joinedCount, resolved } = incident
  const { tone, words } = RULES[rule]
  return (
    <li class="panel">
      <div class="panel-head">
        <h2>
          <Tagged tone={resolved ? 'done' : tone}>
            <a href={stampHref(stamp)}>{stamp}</a> {words}
          </Tagged>{' '}
          <span class="muted">in {region}</span>
        </h2>
        {!resolved && may(principal, 'resume') && (
          <button type="button" class="quiet" onClick={() => onEnd(incident)} aria-label={`End ${id}`}>
            End…
          </button>
        )}
      </div>
      <p class="muted">
        Since {instant(openedAtMs)} UTC, last seen {instant(lastSeenAtMs)} · <span class="id">{id}</span>
      </p>
      <p>
        {resolved ? (
          `Over since ${instant(resolved.atMs)} UTC, by ${resolved.by}: ${resolved.reason}`
        ) : (
          <StandingWords standing={incident.standing} />
        )}
      </p>
      <details>
        <summary>{count(joinedCount, 'sign was joined', 'signs were joined')}</summary>
        <ol class="joined">
          {joined
            .slice(-JOINED_SHOWN)
            .toReversed()
            .map(({ atMs, source, detail }) => (
              <li key={`${atMs} ${source} ${detail}`}>
                <span class="muted">
                  {instant(atMs)}, {source}:
                </span>{' '}
                {detail}
              </li>
            ))}
        </ol>
      </details>
    </li>
  )
}

function StandingWords({ standing }: { standing: Standing | null }) {
  if (standing === null) return <Tagged tone="unknown">Nobody has looked at it yet.</Tagged>
  if (standing.kind === 'acted')
    return (
      <Tagged tone="works">
        {standing.detail}: <a href={planHref(standing.planId)}>{standing.planId}</a>
      </Tagged>
    )
  return (
    <Tagged tone="held">
      Blocked by {standing.rule}: {standing.detail}
    </Tagged>
  )
}

interface EndProps {
  readonly incident: Incident
  readonly onClose: () => void
  readonly onDone: () => void
}

function EndDialog({ incident, onClose, onDone }: EndProps) {
  const { client } = useSession()
  const place = `${encodeURIComponent(incident.region)}/${encodeURIComponent(incident.id)}`
  return (
    <ReasonDialog
      title={`End ${incident.id}`}
      confirm="End it"
      reason="required"
      send={(reason) => client.post(`/incidents/${place}/resolve`, { reason })}
      onClose={onClose}
      onDone={onDone}
    >
      <p>It is taken as over. Should it show again, a new incident is opened.</p>
    </ReasonDialog>
  )
}
