/** Why a request failed, without its address: what `fetch` throws names it at times. */
export function reasonOf(error: unknown, answerMsMax: number): string {
  if (!(error instanceof Error)) return 'unknown'
  const { cause } = error
  const code = cause instanceof Object && 'code' in cause ? String(cause.code) : undefined
  if (code) return code
  return error.name === 'TimeoutError' ? `no answer within ${answerMsMax / 1000} s` : error.name
}
