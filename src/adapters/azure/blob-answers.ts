const CONFLICT = 409
const PRECONDITION_FAILED = 412

/** Whether a write under the condition that its name is free found it taken; a repeat by the SDK may find its own. */
export function isThereAlready(error: unknown): boolean {
  const status = error instanceof Object && 'statusCode' in error ? error.statusCode : undefined
  return status === CONFLICT || status === PRECONDITION_FAILED
}
