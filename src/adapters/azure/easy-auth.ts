import { z } from 'zod'
import { Role } from '../../domain/principal.ts'
import type { Credentials, Identified, Identity } from '../../ports/identity.ts'

const ENTRA_ROLES = 'roles'

const ClientPrincipal = z.object({
  role_typ: z.string().default(ENTRA_ROLES),
  claims: z.array(z.object({ typ: z.string(), val: z.string() })),
})

/** People as App Service authentication names them. Its headers mean nothing where it is off, so then nobody is known. */
export class EasyAuthIdentity implements Identity {
  readonly #enabled: boolean

  constructor(enabled: boolean) {
    this.#enabled = enabled
  }

  identify(credentials: Credentials): Identified {
    if (!this.#enabled)
      return { kind: 'unknown', detail: 'App Service authentication is off; turn it on for this app' }
    // An application, such as Azure Monitor telling of an alert, has an id and no name.
    const name =
      credentials.header('x-ms-client-principal-name') || credentials.header('x-ms-client-principal-id')
    const parsed = ClientPrincipal.safeParse(decoded(credentials.header('x-ms-client-principal') ?? ''))
    if (!name || !parsed.success) return { kind: 'unknown', detail: 'nobody is signed in' }
    const { claims, role_typ } = parsed.data
    // Entra ID calls them `roles`, whatever type App Service names for them.
    const isRole = (typ: string) => typ === role_typ || typ === ENTRA_ROLES
    const roles = claims.flatMap(({ typ, val }) => (isRole(typ) ? (Role.safeParse(val).data ?? []) : []))
    return { kind: 'known', principal: { name, roles } }
  }
}

function decoded(header: string): unknown {
  try {
    return JSON.parse(Buffer.from(header, 'base64').toString('utf8'))
  } catch {
    return undefined
  }
}
