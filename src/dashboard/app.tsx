import { useEffect, useMemo, useState } from 'preact/hooks'
import type { Me } from '../messages/api.ts'
import { AuditView } from './audit-view.tsx'
import { createClient } from './client.ts'
import { type ClockSample, clockRate, rateWords, withSample } from './clock-rate.ts'
import { FirstRun } from './first-run.tsx'
import { FleetView } from './fleet-view.tsx'
import { instant, isoInstant } from './format.ts'
import { IncidentsView } from './incidents-view.tsx'
import { Loading, SignInAgain } from './notice.tsx'
import { PlanView } from './plan-view.tsx'
import { PlansView } from './plans-view.tsx'
import { PolicyView } from './policy-view.tsx'
import { usePolled } from './polled.ts'
import { ReplaysView } from './replays-view.tsx'
import { ReportView } from './report-view.tsx'
import { auditHref, fleetHref, type Route, routeOf } from './route.ts'
import { dropToken, takeToken } from './session.ts'
import { SessionProvider } from './session-context.ts'
import { StampPage } from './stamp-page.tsx'

const ME_EVERY_MS = 3_000

interface Address {
  readonly token: string | null
  readonly route: Route
}

/** The token first: taking it cleans the fragment that the route is then read from. */
function readAddress(): Address {
  const token = takeToken()
  return { token, route: routeOf(location.hash) }
}

/** The whole page: signed in by a token or by the browser's session, a view by the address; else how to sign in. */
export function App() {
  const [{ token, route }, setAddress] = useState<Address>(readAddress)
  const [signedOut, setSignedOut] = useState(false)
  useEffect(() => {
    const onChange = () => setAddress(readAddress())
    addEventListener('hashchange', onChange)
    // The address may have changed between the first drawing and now, with nobody listening.
    onChange()
    return () => removeEventListener('hashchange', onChange)
  }, [])
  useEffect(() => setSignedOut(false), [token])
  const signOut = () => {
    dropToken()
    setAddress((address) => ({ ...address, token: null }))
    setSignedOut(true)
  }
  return signedOut ? (
    <SignInAgain />
  ) : (
    <SignedIn key={token ?? 'session'} token={token} route={route} onSignedOut={signOut} />
  )
}

function SignedIn(props: { token: string | null; route: Route; onSignedOut: () => void }) {
  const { token, route, onSignedOut } = props
  // A client lives as long as its token.
  const client = useMemo(() => createClient(token, onSignedOut), [token])
  const me = usePolled<Me>('me', () => client.get('/me'), ME_EVERY_MS)
  const [samples, setSamples] = useState<readonly ClockSample[]>([])
  const { data, seenAtMs } = me
  useEffect(() => {
    if (data && seenAtMs) setSamples((before) => withSample(before, { hostMs: data.nowMs, hereMs: seenAtMs }))
  }, [data, seenAtMs])
  const rate = clockRate(samples)
  const principal = data?.principal
  // Views draw anew when who looks changes, not with each look at the clock.
  const who = JSON.stringify(principal)
  // `who` stands for the principal.
  const session = useMemo(() => (principal ? { client, principal, rate } : null), [client, who, rate])
  return (
    <>
      <SkipToContent />
      <Header route={route} me={data} rate={rate} />
      {session ? (
        <SessionProvider value={session}>
          {data?.speed && <FirstRun speed={data.speed} onChanged={me.refresh} />}
          <main id="main" tabIndex={-1}>
            <View route={route} />
          </main>
        </SessionProvider>
      ) : (
        <main id="main" tabIndex={-1}>
          <Loading what="who you are" polled={me} />
        </main>
      )}
    </>
  )
}

function View({ route }: { route: Route }) {
  switch (route.kind) {
    case 'fleet':
      return <FleetView stamp={route.stamp} pool={route.pool} />
    case 'plans':
      return <PlansView />
    case 'plan':
      return <PlanView key={route.id} id={route.id} />
    case 'report':
      return <ReportView key={route.id} id={route.id} />
    case 'stamp':
      return <StampPage key={route.id} id={route.id} />
    case 'incidents':
      return <IncidentsView />
    case 'audit':
      return <AuditView key={route.chain} chain={route.chain} />
    case 'policy':
      return <PolicyView />
    case 'replays':
      return <ReplaysView />
    default:
      return route satisfies never
  }
}

/** Routes live in the fragment, so a link to #main would be one; this moves the focus by itself. */
function SkipToContent() {
  return (
    <button type="button" class="skip" onClick={() => document.getElementById('main')?.focus()}>
      Skip to content
    </button>
  )
}

/** Each view of the header, with the kinds of addresses that belong to it. */
const VIEWS: readonly { readonly words: string; readonly href: string; readonly kinds: readonly string[] }[] =
  [
    { words: 'Fleet', href: fleetHref(), kinds: ['fleet', 'stamp'] },
    { words: 'Plans', href: '#/plans', kinds: ['plans', 'plan', 'report'] },
    { words: 'Incidents', href: '#/incidents', kinds: ['incidents'] },
    { words: 'Audit', href: auditHref(), kinds: ['audit'] },
    { words: 'Policy', href: '#/policy', kinds: ['policy', 'replays'] },
  ]

function Header({ route, me, rate }: { route: Route; me: Me | undefined; rate: number | null }) {
  return (
    <header class="top">
      <a class="brand" href={fleetHref()}>
        Restamp
      </a>
      <nav aria-label="Views">
        {VIEWS.map(({ words, href, kinds }) => (
          <a key={words} href={href} aria-current={kinds.includes(route.kind) ? 'page' : undefined}>
            {words}
          </a>
        ))}
      </nav>
      {me && (
        <p class="top-facts">
          <span class="clock">
            <time dateTime={isoInstant(me.nowMs)}>{instant(me.nowMs)}</time> UTC
            {rate !== null && (
              <span class="rate" title="How fast the host's clock runs against yours, measured">
                clock {rateWords(rate)}
              </span>
            )}
          </span>
          <span class="who">
            <strong>{me.principal.name}</strong>{' '}
            <span class="muted">{me.principal.roles.join(', ') || 'no role'}</span>
          </span>
        </p>
      )}
    </header>
  )
}
