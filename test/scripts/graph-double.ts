import { z } from 'zod'

type Thing = Record<string, unknown>
type Graph = (method: string, path: string, body?: Thing) => Promise<unknown>

/** Microsoft Graph as far as a registration needs it: things by path, kept between calls; other paths are refused. */
export class GraphDouble {
  readonly applications: Thing[] = []
  readonly servicePrincipals: Thing[] = []
  readonly credentials: Thing[] = []
  readonly grants: Thing[] = []
  #made = 0

  readonly ask: Graph = async (method, path, body = {}) => {
    if (path === '/me') return { id: 'me' }
    const [, collection = '', id, inner, innerId] = path.split(/[/?]/)
    const filter = /\$filter=(\w+) eq '([^']*)'$/.exec(path)
    if (collection === 'applications' && inner === 'federatedIdentityCredentials')
      return this.#on(this.credentials, { method, id: innerId, body, filter: null })
    if (collection === 'servicePrincipals' && inner === 'appRoleAssignedTo')
      return this.#on(this.grants, { method, id: innerId, body, filter: null })
    if (collection === 'applications')
      return this.#on(this.applications, { method, id: filter ? undefined : id, body, filter })
    if (collection === 'servicePrincipals')
      return this.#on(this.servicePrincipals, { method, id: filter ? undefined : id, body, filter })
    throw new Error(`${method} ${path} is not known here`)
  }

  #on(
    things: Thing[],
    ask: { method: string; id: string | undefined; body: Thing; filter: RegExpExecArray | null },
  ): unknown {
    const { method, id, body, filter } = ask
    if (method === 'GET')
      return { value: things.filter((thing) => !filter || thing[filter[1] ?? ''] === filter[2]) }
    if (method === 'POST') {
      this.#made += 1
      const made = { id: `id-${this.#made}`, appId: `app-${this.#made}`, ...body }
      things.push(made)
      return made
    }
    const found = things.find((thing) => thing.id === id)
    if (method !== 'PATCH' || !found) throw new Error(`404: ${method} ${id}`)
    for (const [key, value] of Object.entries(body)) found[key] = merged(found[key], value)
    return undefined
  }
}

/** Graph changes only those parts of a complex property that a PATCH names. */
function merged(before: unknown, after: unknown): unknown {
  const isComplex = z.record(z.string(), z.unknown())
  const [old, fresh] = [isComplex.safeParse(before), isComplex.safeParse(after)]
  return old.success && fresh.success ? { ...old.data, ...fresh.data } : after
}
