/** What the fragment of the address asks to see. */
export type Route =
  | { readonly kind: 'fleet'; readonly stamp: string | null; readonly pool: string | null }
  | { readonly kind: 'plans' }
  | { readonly kind: 'plan'; readonly id: string }
  | { readonly kind: 'report'; readonly id: string }
  | { readonly kind: 'stamp'; readonly id: string }
  | { readonly kind: 'incidents' }
  | { readonly kind: 'audit'; readonly chain: string }
  | { readonly kind: 'policy' }
  | { readonly kind: 'replays' }

/** The chain of what belongs to no plan. */
const NO_PLAN = 'fleet'

/** Reads a fragment such as `#/plans/p-1/report`; what it doesn't know is the fleet. */
export function routeOf(hash: string): Route {
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?')
  const [first, id, last] = path.split('/').map(unescaped)
  if (first === 'plans') {
    if (!id) return { kind: 'plans' }
    return last === 'report' ? { kind: 'report', id } : { kind: 'plan', id }
  }
  if (first === 'stamps' && id) return { kind: 'stamp', id }
  if (first === 'incidents') return { kind: 'incidents' }
  if (first === 'audit') return { kind: 'audit', chain: id || NO_PLAN }
  if (first === 'policy') return { kind: 'policy' }
  if (first === 'replays') return { kind: 'replays' }
  const asked = new URLSearchParams(query)
  return { kind: 'fleet', stamp: asked.get('stamp'), pool: asked.get('pool') }
}

export function fleetHref(stamp?: string, pool?: string): string {
  return stamp && pool ? `#/fleet?${new URLSearchParams({ stamp, pool })}` : '#/fleet'
}

export function planHref(id: string): string {
  return `#/plans/${encodeURIComponent(id)}`
}

export function reportHref(id: string): string {
  return `${planHref(id)}/report`
}

export function stampHref(id: string): string {
  return `#/stamps/${encodeURIComponent(id)}`
}

export function auditHref(chain: string = NO_PLAN): string {
  return `#/audit/${encodeURIComponent(chain)}`
}

function unescaped(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    return part
  }
}
