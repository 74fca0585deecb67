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
  lines.unshift(...contractsOf(result))
  lines.push(`${result.numPassedTests} passed, ${failed} failed`)
  return { lines, exitCode: code || (failed > 0 ? 1 : 0) }
}

const CONTRACT = /^(.+) keeps the (\S+) contract$/

/** Which implementations of which port kept its contract, a line each; one with a failed or skipped test is marked. */
function contractsOf({ testResults }) {
  const ports = new Map()
  for (const { ancestorTitles = [], status } of testResults.flatMap((file) => file.assertionResults)) {
    const [, name, port] = ancestorTitles.map((title) => CONTRACT.exec(title)).find(Boolean) ?? []
    if (!port) continue
    const names = ports.get(port) ?? new Map()
    names.set(name, (names.get(name) ?? true) && status === 'passed')
    ports.set(port, names)
  }
  return [...ports].toSorted().map(([port, names]) => {
    const kept = [...names].toSorted().map(([name, holds]) => (holds ? name : `${name} (NOT KEPT)`))
    return `contract of ${port}: ${kept.join(', ')}`
  })
}
