import { randomBytes, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { Principal } from '../../domain/principal.ts'
import type { Credentials, Identified, Identity } from '../../ports/identity.ts'

/** A person of this machine; the token is good until the host is started anew. */
export const LocalUser = Principal.extend({ token: z.string() })
export type LocalUser = z.infer<typeof LocalUser>

/** What a running host leaves in `session.json`, for its own user's eyes only. */
export const LocalSession = z.object({ baseUrl: z.string(), users: z.array(LocalUser), pid: z.int() })

/** The people of the embedded host: who asks for plans may not approve them, and some gates take two approvers. */
export function createLocalUsers(): LocalUser[] {
  const token = () => randomBytes(24).toString('base64url')
  return [
    { name: 'operator', roles: ['Planner', 'Operator'], token: token() },
    { name: 'approver', roles: ['Approver', 'Operator'], token: token() },
    { name: 'deputy', roles: ['Approver'], token: token() },
    { name: 'reader', roles: ['Reader'], token: token() },
    { name: 'alerts', roles: ['Alerter'], token: token() },
  ]
}

/** Named local users by a token per start, on loopback only: a page of another site can't reach in by name. */
export class LocalIdentity implements Identity {
  readonly #users: readonly LocalUser[]

  constructor(users: readonly LocalUser[]) {
    this.#users = users
  }

  identify(credentials: Credentials): Identified {
    const host = credentials.header('host') ?? ''
    if (!/^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/i.test(host)) {
      return { kind: 'unknown', detail: 'this host answers only under 127.0.0.1 or localhost' }
    }
    const given = /^Bearer (\S+)$/i.exec(credentials.header('authorization') ?? '')?.[1]
    if (!given)
      return {
        kind: 'unknown',
        detail: 'no token was sent; open the link that the host printed at its start',
      }
    const user = this.#users.find(({ token }) => same(token, given))
    if (!user)
      return { kind: 'unknown', detail: 'this token is not of this start of the host; open the newest link' }
    return { kind: 'known', principal: { name: user.name, roles: user.roles } }
  }
}

function same(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)]
  return left.length === right.length && timingSafeEqual(left, right)
}
