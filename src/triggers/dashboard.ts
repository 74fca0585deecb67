import { app } from '@azure/functions'
import type { Pages } from '../ports/pages.ts'
import { problem } from './problems.ts'

const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-cache',
} as const

/** The page. It holds no secret, so anyone may load it; what it shows comes through the API's door. */
export function registerDashboard(pages: Pages): void {
  app.http('dashboard', {
    methods: ['GET'],
    route: 'dashboard/{*path}',
    authLevel: 'anonymous',
    handler: async (request) => {
      const path = request.params.path ?? ''
      const page = await pages.read(path === '' ? 'index.html' : path)
      if (!page) return problem('not-found', `the dashboard has no file ${path}`)
      return { headers: { ...HEADERS, 'content-type': page.type }, body: page.body }
    },
  })
}
