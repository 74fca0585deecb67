import { Command } from 'commander'
import { createAsk } from './client.ts'
import { DEFAULT_STATE_DIR } from './connection.ts'
import type { CliIo } from './io.ts'
import { readSession, userFor } from './session.ts'

interface McpOptions {
  readonly state: string
  readonly as?: string
}

export function createMcpCommand(io: CliIo, version: string): Command {
  return new Command('mcp')
    .description(
      'serve Restamp to an assistant over standard input and output (MCP): it reads and proposes, and moves nobody',
    )
    .option('--state <dir>', 'the state folder of the running host', DEFAULT_STATE_DIR)
    .option('--as <name>', 'the local user in whose name it asks (default: the first one who may plan)')
    .addHelpText('after', '\nExamples:\n  restamp mcp --state ./mine --as reader')
    .action(async ({ state, as }: McpOptions) => {
      const { baseUrl, users } = await readSession(state)
      const ask = createAsk({ baseUrl, token: userFor(users, 'plan', as).token })
      // Loaded only when asked for.
      const [{ createMcpServer }, { StdioServerTransport }] = await Promise.all([
        import('../mcp/server.ts'),
        import('@modelcontextprotocol/sdk/server/stdio.js'),
      ])
      const server = createMcpServer(ask, version)
      const closed = new Promise<void>((resolve) => {
        server.server.onclose = resolve
        io.leaving.addEventListener('abort', () => resolve())
        process.stdin.once('end', () => resolve())
      })
      await server.connect(new StdioServerTransport())
      await closed
      await server.close()
    })
}
