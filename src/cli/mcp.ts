import { Command } from 'commander'
import { createAsk } from './client.ts'
import { type HostOptions, placeOf, withPlaceOptions } from './connection.ts'
import type { CliIo } from './io.ts'

export function createMcpCommand(io: CliIo, version: string): Command {
  const command = new Command('mcp')
    .description(
      'serve Restamp to an assistant over standard input and output (MCP): it reads and proposes, and moves nobody',
    )
    .addHelpText('after', '\nExamples:\n  restamp mcp --state ./mine --as reader\n  restamp mcp --on prod')
  return withPlaceOptions(command).action(async (options: Omit<HostOptions, 'json'>) => {
    const ask = createAsk(await placeOf(options, 'plan'))
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
