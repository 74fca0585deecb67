import { AccessRefused } from '../../ports/platform-faults.ts'
import { SettingRefused } from './setting-refused.ts'
import { SIGNATURE_HEADER, signatureOf, signedText } from './signature.ts'

/** Gives bearer tokens; a `TokenCredential` of `@azure/identity` is one. */
interface TokenSource {
  getToken(scope: string): Promise<{ readonly token: string } | null>
}

/** How a control plane knows us: by a secret that both hold, or by a token of Microsoft Entra ID for its scope. */
export type CalloutAuth =
  | { readonly kind: 'hmac'; readonly secret: string }
  | { readonly kind: 'bearer'; readonly credential: TokenSource; readonly scope: string }

/** Shorter ones can be guessed. */
const SECRET_CHARS_MIN = 16

/** A request's proof, and what of it nobody may read in an error or a log. */
interface Proof {
  readonly headers: Readonly<Record<string, string>>
  readonly hidden: string
}

/** Throws `SettingRefused` for a secret that is none. */
export function checkAuth(auth: CalloutAuth): void {
  if (auth.kind === 'hmac' && auth.secret.length < SECRET_CHARS_MIN)
    throw new SettingRefused(
      `the secret of the callout has ${auth.secret.length} characters; set one of at least ${SECRET_CHARS_MIN}`,
    )
}

/** Throws `AccessRefused` where no token is to be had. */
export async function proofOf(
  auth: CalloutAuth,
  request: { readonly method: string; readonly path: string; readonly key: string; readonly body: string },
  atMs: number,
): Promise<Proof> {
  if (auth.kind === 'hmac') {
    const { secret } = auth
    const signature = signatureOf({ secret, atMs, text: signedText(request) })
    return { headers: { [SIGNATURE_HEADER]: signature }, hidden: secret }
  }
  // What the identity service says may hold more than words for a log: its error is named, not repeated.
  const given = await auth.credential.getToken(auth.scope).catch((error: unknown) => {
    throw new AccessRefused(
      `no token for ${auth.scope}: ${error instanceof Error ? error.name : 'unknown'}; check the identity`,
    )
  })
  if (!given?.token)
    throw new AccessRefused(`no token for ${auth.scope}; check the identity and its role there`)
  return { headers: { authorization: `Bearer ${given.token}` }, hidden: given.token }
}
