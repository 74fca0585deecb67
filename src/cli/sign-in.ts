import { CliError } from './cli-error.ts'
import { EXIT } from './io.ts'
import type { Profile } from './profile-file.ts'

/** What gives tokens, such as a credential of Azure. */
export interface TokenSource {
  getToken(scope: string): Promise<{ readonly token: string } | null>
}

/**
 * A token for a deployment, of whoever is signed in on this machine: `az login`, `azd auth login`, a managed identity, or
 * variables of a pipeline. Throws `CliError` where that is nobody.
 */
export async function entraToken(
  { clientId, tenantId }: Omit<Profile, 'url'>,
  credential?: TokenSource,
): Promise<string> {
  const source = credential ?? (await defaultCredential(tenantId))
  try {
    const token = await source.getToken(`api://${clientId}/.default`)
    if (token) return token.token
  } catch (error) {
    throw new CliError(`${NOBODY} (${firstLine(error)})`, EXIT.dependency)
  }
  throw new CliError(NOBODY, EXIT.dependency)
}

const NOBODY =
  'Nobody is signed in who may ask for this deployment; run `az login` (`az login --use-device-code` where there is no browser), or check the profile'

/** Loaded only when it is asked for. */
async function defaultCredential(tenantId: string | undefined): Promise<TokenSource> {
  return (await import('../onboard.ts')).personalCredential(tenantId)
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? ''
}
