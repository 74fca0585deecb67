/**
 * What to print after the tests, from vitest's own JSON result and exit code. A file that could not even be
 * loaded has no failed test in it and counts as one; an exit code that no test explains is never passed over.
 */
export function summaryOf(result, code) {
  if (!result) return { lines: ['vitest ended without a result', '0 passed, 1 failed'], exitCode: code || 1 }
  const brokenFiles = result.testResults.filter(
    (file) => file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed'),
  )
  const failed = result.numFailedTests + brokenFiles.length
  const skipped = result.numPendingTests + (result.numTodoTests ?? 0)
  const lines = []
  if (skipped > 0) lines.push(`${skipped} skipped`)
  if (code !== 0 && failed === 0)
    lines.push(`vitest ended with code ${code} although no test failed; see above`)
  lines.push(`${result.numPassedTests} passed, ${failed} failed`)
  return { lines, exitCode: code || (failed > 0 ? 1 : 0) }
}
