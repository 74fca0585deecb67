import { join } from 'node:path'
import { expect, it } from 'vitest'
import { runConformance } from './conformance.ts'
import { serveApp } from './served-app.ts'

it('the embedded host passes the conformance suite over HTTP alone', async () => {
  const app = await serveApp(join(import.meta.dirname, 'apps/conformance'))
  try {
    expect(await runConformance(app, () => {})).toEqual([])
  } finally {
    await app.stop()
  }
})
