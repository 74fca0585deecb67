import { join } from 'node:path'
import { rolldown } from 'rolldown'

/**
 * Writes the app and the rehearsal worker's entry as ES modules with all that they need but `@azure/functions-core`, which the
 * Functions worker supplies. What is imported on demand lies in chunks of its own. Answers with the files that went in.
 */
export async function bundle(root, folder) {
  const build = await rolldown({
    cwd: root,
    input: { main: join(root, 'src', 'main.ts'), rehearsal: join(root, 'src', 'rehearsal.ts') },
    platform: 'node',
    external: ['@azure/functions-core'],
    onLog: refuse,
  })
  const { output } = await build.write({
    dir: folder,
    format: 'esm',
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name]-[hash].js',
    sourcemap: true,
    sourcemapExcludeSources: true,
  })
  await build.close()
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []))
}

/** A package that could not be found would be missing at the first call that needs it. */
function refuse(level, log, pass) {
  if (log.code === 'UNRESOLVED_IMPORT') throw new Error(log.message)
  pass(level, log)
}
