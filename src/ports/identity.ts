import type { Principal } from '../domain/principal.ts'

/** What a request says of who sends it. */
export interface Credentials {
  header(name: string): string | null
  /** What is sent, where it is signed as a whole. */
  readonly text?: string
}

export type Identified =
  | { readonly kind: 'known'; readonly principal: Principal }
  | { readonly kind: 'unknown'; readonly detail: string }

/** Tells who asks: Easy Auth on Azure, named local users on the embedded host. */
export interface Identity {
  identify(credentials: Credentials): Identified
}
