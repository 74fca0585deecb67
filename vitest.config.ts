import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 60_000,
    pool: 'forks',
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['src/domain/**', 'src/orchestrations/**'],
      reporter: ['text-summary', 'text'],
    },
  },
})
