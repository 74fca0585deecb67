import { createContext } from 'preact'
import { useContext } from 'preact/hooks'
import type { Principal } from '../domain/principal.ts'
import type { Client } from './client.ts'

/** Who looks, through what, and how fast the host's clock runs (null: as usual). */
export interface Session {
  readonly client: Client
  readonly principal: Principal
  readonly rate: number | null
}

const SessionContext = createContext<Session | null>(null)

export const SessionProvider = SessionContext.Provider

/** The session that every view lives in. */
export function useSession(): Session {
  const session = useContext(SessionContext)
  if (!session) throw new Error('useSession was called outside of a SessionProvider; wrap the view in one')
  return session
}
