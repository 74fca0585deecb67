import { isRestError } from '@azure/core-rest-pipeline'

/** Azure takes no more calls for a while: a later one goes through. */
export class AzureThrottled extends Error {
  override readonly name = 'AzureThrottled'
}

/** Azure did not answer, or answered that it can't: what was written may be there all the same. */
export class AzureUnavailable extends Error {
  override readonly name = 'AzureUnavailable'
}

/** The identity that Restamp runs under lacks a role. */
export class AzureForbidden extends Error {
  override readonly name = 'AzureForbidden'
}

/** Azure takes the call for wrong. */
export class AzureRefused extends Error {
  override readonly name = 'AzureRefused'
}

/** What a call is about, and the role that it needs. */
export interface Asked {
  readonly of: string
  readonly role: string
}

/** Makes a call; what the SDK throws becomes a fault whose name says whether a retry may cure it. */
export async function asking<T>(asked: Asked, call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw faultOf(error, asked)
  }
}

/** Whether what was asked for is not there. */
export function isNotFound(error: unknown): boolean {
  return isRestError(error) && error.statusCode === 404
}

function faultOf(error: unknown, { of, role }: Asked): unknown {
  if (!isRestError(error)) return error
  const { statusCode, code, response } = error
  const cause = { cause: error }
  const words = `${of}: ${statusCode ?? 'no answer'} ${code ?? ''}`.trimEnd()
  if (statusCode === 429)
    return new AzureThrottled(
      `${words}; it may be asked again ${whenAgain(response?.headers.get('retry-after'))}`,
      cause,
    )
  // An answer that broke off has the status of a good one.
  const isUnknown = statusCode === undefined || statusCode < 400 || statusCode === 408 || statusCode >= 500
  if (isUnknown)
    return new AzureUnavailable(`${words}; whether it was done is not known until it is read`, cause)
  if (statusCode === 401 || statusCode === 403)
    return new AzureForbidden(`${words}; give the identity that asks the role ${role} on it`, cause)
  return new AzureRefused(`${words}, ${error.message.split('\n')[0]}`, cause)
}

/** `Retry-After` is seconds, or a date. */
function whenAgain(after: string | undefined): string {
  if (!after) return 'in a minute'
  return /^\d+$/.test(after) ? `after ${after} s` : `from ${after} on`
}
