import { useEffect, useState } from 'preact/hooks'
import type { Problem } from '../messages/api.ts'
import { span } from './format.ts'
import type { Polled } from './polled.ts'
import { Shape } from './shape.tsx'

const REDRAW_MS = 1_000
/** Of App Service, in front of the app. */
const SIGN_IN = '/.auth/login/aad?post_login_redirect_uri=/dashboard/'

/** A refusal in the server's own words, with what would be allowed. */
export function Refusal({ problem }: { problem: Problem }) {
  return (
    <div class="notice notice-bad" role="alert">
      <Shape tone="hot" />
      <div>
        <strong>{problem.title || 'Refused'}</strong> <span class="muted">({problem.status})</span>
        <p>{problem.detail}</p>
        {problem.allowed && (
          <p class="muted">
            {problem.allowed.length > 0
              ? `Allowed now: ${problem.allowed.join(', ')}.`
              : 'Nothing is allowed now.'}
          </p>
        )}
      </div>
    </div>
  )
}

/** Says that what is on the page has grown old, and since when. */
export function ConnectionNotice({ polled }: { polled: Pick<Polled<unknown>, 'lost' | 'seenAtMs'> }) {
  const { lost, seenAtMs } = polled
  const [nowMs, setNowMs] = useState(Date.now())
  useEffect(() => {
    if (lost === undefined) return
    setNowMs(Date.now())
    const timer = setInterval(() => setNowMs(Date.now()), REDRAW_MS)
    return () => clearInterval(timer)
  }, [lost])
  if (lost === undefined) return null
  return (
    <div class="notice notice-lost" role="status">
      <Shape tone="unknown" />
      <p>
        <strong>Connection lost.</strong>{' '}
        {seenAtMs === undefined
          ? 'Nothing was seen yet.'
          : `What you see was last seen ${span(nowMs - seenAtMs)} ago.`}{' '}
        Trying again by itself. Runs go on without this page.
      </p>
    </div>
  )
}

/** What stands where data isn't there yet. */
export function Loading({ what, polled }: { what: string; polled: Polled<unknown> }) {
  if (polled.refused) return <Refusal problem={polled.refused} />
  if (polled.lost !== undefined) return <ConnectionNotice polled={polled} />
  return <p class="muted">Loading {what}…</p>
}

/** On one machine by a link of this start; elsewhere by the sign-in in front of the app. */
export function SignInAgain() {
  const isLocal = ['127.0.0.1', 'localhost', '[::1]'].includes(location.hostname)
  return (
    <main id="main" class="sign-in" tabIndex={-1}>
      <h1>Sign in again</h1>
      {isLocal ? (
        <>
          <p>
            Open the link that <code>npm start</code> printed.
          </p>
          <p class="muted">
            Each start of Restamp prints new links. A tab opened by one stays signed in until it is closed or
            Restamp starts again. Runs go on while nobody is signed in.
          </p>
        </>
      ) : (
        <>
          <p>
            <a class="button" href={SIGN_IN}>
              Sign in
            </a>
          </p>
          <p class="muted">Your session is over. Runs go on while nobody is signed in.</p>
        </>
      )}
    </main>
  )
}
