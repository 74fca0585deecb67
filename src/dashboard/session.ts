const KEY = 'restamp-token'

/**
 * The sign-in token of this tab. One that comes in the fragment, `#token=...`, is kept for the tab and
 * taken out of the address at once, so that it is in no history, bookmark or screenshot.
 */
export function takeToken(): string | null {
  const fragment = new URLSearchParams(location.hash.slice(1))
  const given = fragment.get('token')
  if (given) {
    sessionStorage.setItem(KEY, given)
    history.replaceState(null, '', `${location.pathname}${location.search}#/fleet`)
  }
  return sessionStorage.getItem(KEY)
}

/** Forgets a token that the server no longer knows. */
export function dropToken(): void {
  sessionStorage.removeItem(KEY)
}
