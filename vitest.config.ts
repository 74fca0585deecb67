import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    setupFiles: ['test/support/property-seed.ts'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    pool: 'forks',
    // By itself vitest leaves one core free, which is half of a machine with two.
    maxWorkers: '100%',
    // Runs make much that is gone at once; with the small default a good part of it is copied about before.
    execArgv: ['--max-semi-space-size=64'],
    coverage: {
      provider: 'v8',
      reportOnFailure: true,
      include: ['src/domain/**', 'src/orchestrations/**'],
      reporter: ['text-summary', 'text'],
    },
  },
})
