import { posix } from 'node:path'
import { importsOf, type SourceFile } from './source-file.ts'

/** What a part of `src/` may import: other parts, and packages (`node:` allows every module of Node). */
interface ImportRow {
  readonly parts: readonly string[]
  readonly packages: readonly string[]
}

const NODE = 'node:'
const FUNCTIONS = ['@azure/functions', 'durable-functions']

/** The import table of docs/style.md. What a row does not allow is forbidden. */
export const IMPORT_TABLE: Readonly<Record<string, ImportRow>> = {
  // One module of Node: SHA-256, which is a pure function.
  domain: { parts: [], packages: ['zod', 'node:crypto'] },
  ports: { parts: ['domain'], packages: ['zod'] },
  messages: { parts: ['domain'], packages: ['zod'] },
  orchestrations: { parts: ['domain', 'messages'], packages: ['zod', 'durable-functions'] },
  audit: { parts: ['domain', 'ports', 'queries'], packages: [] },
  queries: { parts: ['domain', 'messages', 'ports'], packages: ['zod'] },
  activities: { parts: ['domain', 'messages', 'ports', 'queries'], packages: ['zod'] },
  triggers: {
    parts: ['domain', 'messages', 'ports', 'queries', 'audit'],
    packages: ['zod', 'node:crypto', ...FUNCTIONS],
  },
  'adapters/azure': { parts: ['domain', 'ports'], packages: ['zod', NODE, '@azure/'] },
  'adapters/callout': { parts: ['domain', 'ports'], packages: ['zod', NODE] },
  'adapters/files': { parts: ['domain', 'ports'], packages: ['zod', NODE] },
  'adapters/local': { parts: ['domain', 'ports'], packages: ['zod', NODE] },
  'adapters/telemetry': { parts: ['domain', 'ports'], packages: ['zod', '@opentelemetry/', '@azure/'] },
  'adapters/sqlite': { parts: ['domain', 'ports'], packages: ['zod', NODE] },
  'adapters/worker': { parts: ['domain', 'ports'], packages: ['zod', NODE] },
  twin: { parts: ['domain', 'ports', 'adapters/sqlite'], packages: ['zod', NODE] },
  // It stands in for the real host, so it brings its own reading of the protocol and nothing of migrations.
  host: { parts: [], packages: [NODE, 'durable-functions', 'croner', 'find-my-way'] },
  dashboard: { parts: ['domain', 'messages'], packages: ['preact', 'uplot'] },
  // `adapters/callout` for `restamp callout verify`, which asks a control plane as the app does. `host` for `restamp host`, `twin` to write the worked example's files: both loaded only when asked for.
  cli: {
    parts: [
      'domain',
      'messages',
      'ports',
      'adapters/callout',
      'adapters/files',
      'mcp',
      'local.ts',
      'onboard.ts',
      'host',
      'twin',
    ],
    packages: ['zod', NODE, 'commander', '@bomb.sh/tab', '@modelcontextprotocol/'],
  },
  mcp: { parts: ['domain', 'messages'], packages: ['zod', '@modelcontextprotocol/'] },
  'app.ts': {
    parts: ['domain', 'messages', 'ports', 'orchestrations', 'activities', 'triggers', 'queries', 'audit'],
    packages: ['zod', ...FUNCTIONS],
  },
  'main.ts': {
    parts: ['app.ts', 'settings.ts', 'parts-on-twin.ts', 'parts-on-azure.ts', 'adapters/*'],
    packages: [NODE],
  },
  'settings.ts': { parts: ['ports', 'adapters/callout'], packages: ['zod'] },
  'parts-on-twin.ts': { parts: ['app.ts', 'domain', 'ports', 'adapters/*', 'twin'], packages: [NODE] },
  'parts-on-azure.ts': {
    parts: ['open-azure.ts', 'parts-on-twin.ts', 'settings.ts', 'ports', 'adapters/*'],
    packages: ['zod', NODE],
  },
  'open-azure.ts': { parts: ['settings.ts', 'ports', 'adapters/*'], packages: ['@azure/'] },
  'local.ts': {
    parts: ['app.ts', 'domain', 'ports', 'queries', 'adapters/*', 'twin', 'host'],
    packages: ['zod', NODE],
  },
  'onboard.ts': {
    parts: ['domain', 'ports', 'settings.ts', 'open-azure.ts', 'adapters/*'],
    packages: ['@azure/'],
  },
  'rehearsal.ts': { parts: ['domain', 'ports', 'queries', 'rehearsal'], packages: [NODE] },
  rehearsal: {
    parts: ['app.ts', 'domain', 'messages', 'ports', 'adapters/sqlite', 'twin', 'host'],
    packages: [NODE],
  },
}

/** The part of `src/` that a file belongs to: its folder, an adapter's folder, or an entry file itself. */
export function partOf(path: string): string {
  const [, first = '', second = '', ...rest] = path.split('/')
  return first === 'adapters' && rest.length > 0 ? `${first}/${second}` : first
}

export function importProblems(files: readonly SourceFile[]): string[] {
  return files.flatMap((file) => importsOf(file).flatMap((target) => importProblem(file.path, target)))
}

function importProblem(path: string, target: string): string[] {
  const part = partOf(path)
  const row = IMPORT_TABLE[part]
  if (!row) return [`${path}: ${part} has no row in the import table; add one that says what it may import`]
  if (!target.startsWith('.')) {
    const allowed = row.packages.some(
      (name) => target === name || target.startsWith(name.endsWith('/') || name === NODE ? name : `${name}/`),
    )
    return allowed ? [] : [`${path} imports ${target}; ${part} may import ${row.packages.join(', ')}`]
  }
  const other = partOf(posix.normalize(posix.join(posix.dirname(path), target)))
  const allowed =
    other === part ||
    row.parts.includes(other) ||
    (other.startsWith('adapters/') && row.parts.includes('adapters/*'))
  return allowed
    ? []
    : [`${path} imports ${target}; ${part} may import ${row.parts.join(', ') || 'no other part'}`]
}
